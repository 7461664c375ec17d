// Makes the runtime that an agent's settings ask for.
import type { Log } from "../lib/log.ts";
import type { Proxies } from "../lib/proxy.ts";
import type { AgentId, ConversationId } from "../model/ids.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { RuntimeSettings } from "../model/settings.ts";
import type { AgentSessions } from "../model/store.ts";
import { AcpRuntime } from "./acp/runtime.ts";
import { CommandRuntime } from "./command.ts";
import { createEchoRuntime } from "./echo.ts";
import { createModelRuntime } from "./model/runtime.ts";
import type { ProcessBook } from "./process-book.ts";

/** What runtimes are made with. */
export interface RuntimeContext {
  readonly agentId: AgentId;
  /** The variables that a program finds which is started now. Contract: nothing in it is the gateway's alone. */
  readonly environment: () => Readonly<Record<string, string>>;
  readonly log: Log;
  /** Of this product; agents are told it. */
  readonly version: string;
  /** Where an agent's own names of its sessions are kept. */
  readonly sessions: AgentSessions;
  readonly processes: ProcessBook;
  /** Keeps a file of an answer where files of its conversation may be sent from; the answer is its path. */
  readonly keepFile: (content: Uint8Array, name: string, conversationId: ConversationId) => Promise<string>;
  /** What requests to models go through. */
  readonly proxies: Proxies;
  /** Other times than the product's; for tests. */
  readonly timing?: Partial<RuntimeTiming>;
}

/** How long an agent is given. */
export interface RuntimeTiming {
  /** Between SIGTERM and SIGKILL when a program is ended. */
  readonly killGraceMs: number;
  /** Between the request to end a turn and the end of whoever does not. */
  readonly cancelGraceMs: number;
  /** Between the start of an agent and its first answer. */
  readonly startMs: number;
  /** Between two signs of life while an agent opens a session. */
  readonly openMs: number;
  /** Between the end of an agent's turn and the last words that may still come of it. */
  readonly lateMs: number;
}

const TIMING: RuntimeTiming = {
  killGraceMs: 3000,
  cancelGraceMs: 5000,
  startMs: 60_000,
  openMs: 60_000,
  lateMs: 750,
};

/** Makes a runtime. Contract: starts nothing before its first turn. */
export function createRuntime(settings: RuntimeSettings, context: RuntimeContext): AgentRuntime {
  const timing = { ...TIMING, ...context.timing };
  switch (settings.type) {
    case "echo":
      return createEchoRuntime();
    case "command":
      return new CommandRuntime(settings, { ...context, ...timing });
    case "acp":
      return new AcpRuntime(settings, { ...context, timing });
    case "model":
      return createModelRuntime(settings, context);
  }
}
