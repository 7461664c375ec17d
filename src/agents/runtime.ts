// Makes the runtime that an agent's settings ask for.
import type { Log } from "../lib/log.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { RuntimeSettings } from "../model/settings.ts";
import { CommandRuntime } from "./command.ts";
import { createEchoRuntime } from "./echo.ts";

/** What runtimes are made with. */
export interface RuntimeContext {
  /** The variables that programs find, as read by the owner of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Between SIGTERM and SIGKILL when a program is ended; default 3 s. */
  readonly killGraceMs?: number;
}

const KILL_GRACE_MS = 3000;

/** Makes a runtime. Contract: starts nothing before its first turn. */
export function createRuntime(settings: RuntimeSettings, context: RuntimeContext): AgentRuntime {
  switch (settings.type) {
    case "echo":
      return createEchoRuntime();
    case "command":
      return new CommandRuntime(settings, { killGraceMs: KILL_GRACE_MS, ...context });
  }
}
