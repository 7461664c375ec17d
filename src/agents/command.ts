// The agent that is a program: one run of it a turn, prompt on stdin, answer on stdout.
import { mkdir } from "node:fs/promises";
import type { Log } from "../lib/log.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { RuntimeSettings } from "../model/settings.ts";
import type { AgentEvent, AgentRequest } from "../model/turn.ts";
import { CLOSED, failed, notStarted, tooLarge } from "./failure.ts";
import { LastLines } from "./last-lines.ts";
import { noteProcess, type ProcessBook } from "./process-book.ts";
import { runProgram, type ProgramEnd } from "./program.ts";
import { withoutThoughts } from "./thinking/whole.ts";
import { composeEnvironment, renderInput } from "./turn-input.ts";

/** Settings of a command agent. */
export type CommandSettings = Extract<RuntimeSettings, { type: "command" }>;

/** What a command agent is run with. */
export interface CommandContext {
  /** The variables a program finds beside those of its turn. */
  readonly environment: () => Readonly<Record<string, string>>;
  readonly log: Log;
  readonly processes: ProcessBook;
  /** Between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
}

const MAX_OUTPUT_BYTES = 1024 * 1024;

/** By this exit code (`EX_TEMPFAIL` of sysexits.h) a program says that trying again may well succeed. */
const EXIT_PASSING = 75;

/** Runs a program for each turn. */
export class CommandRuntime implements AgentRuntime {
  readonly output = "markdown";
  readonly remembers = false;
  readonly #settings: CommandSettings;
  readonly #context: CommandContext;
  readonly #closed = new AbortController();
  readonly #running = new Set<Promise<ProgramEnd>>();

  constructor(settings: CommandSettings, context: CommandContext) {
    this.#settings = settings;
    this.#context = context;
  }

  async *run(request: AgentRequest, signal: AbortSignal): AsyncGenerator<AgentEvent> {
    const lastLines = new LastLines();
    const log = this.#context.log.child({ turnId: request.turn.id });
    try {
      await mkdir(request.workspace, { recursive: true, mode: 0o700 });
    } catch (cause) {
      yield failed(`the workspace cannot be made: ${String(cause)}`);
      return;
    }
    const end = await this.#track(
      runProgram(
        {
          command: this.#settings.command,
          folder: request.workspace,
          environment: { ...this.#context.environment(), ...composeEnvironment(request) },
          input: renderInput(request, this.#settings.input),
          limits: {
            timeoutMs: this.#settings.timeoutMs,
            killGraceMs: this.#context.killGraceMs,
            maxOutputBytes: MAX_OUTPUT_BYTES,
            memoryBytes: this.#settings.memoryBytes,
          },
          onStarted: async (pid) => noteProcess(this.#context.processes, pid, log),
          onErrorLine: (line) => {
            log.debug(line);
            lastLines.add(line);
          },
        },
        AbortSignal.any([signal, this.#closed.signal]),
      ),
    );
    if ("wasCut" in end && end.wasCut)
      log.warn(`the agent wrote more than ${MAX_OUTPUT_BYTES} bytes; the rest was dropped`);
    if (!signal.aborted) yield* toEvents(end, this.#settings, lastLines);
  }

  async offers(): Promise<undefined> {
    return undefined;
  }

  /** Ends every run under way; each says that its failure is passing, and so does any run after this. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#running);
  }

  async #track(run: Promise<ProgramEnd>): Promise<ProgramEnd> {
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }
}

function toEvents(end: ProgramEnd, settings: CommandSettings, { said }: LastLines): readonly AgentEvent[] {
  switch (end.kind) {
    case "exited":
      if (end.code !== 0) return [failed(`exit code ${end.code}${said}`, end.code === EXIT_PASSING)];
      return toText(end.output);
    case "killed":
      return [failed(`ended by ${end.signal}${said}`)];
    case "timed-out": {
      const reason = `no answer within ${settings.timeoutMs / 1000} s${said}`;
      return [...toText(end.output), { kind: "failed", code: "agent/timeout", reason, passing: false }];
    }
    case "too-large":
      return [failed(tooLarge(settings.memoryBytes))];
    case "not-started":
      return [notStarted(end.error, settings.command[0])];
    case "aborted":
      return [CLOSED];
  }
}

function toText(output: Uint8Array): readonly AgentEvent[] {
  const text = withoutThoughts(decodeAnswer(output));
  return text === "" ? [] : [{ kind: "text", text }];
}

/** The answer as text, line ends at its end left out; a character that the limit cut is dropped. */
function decodeAnswer(output: Uint8Array): string {
  const text = new TextDecoder().decode(output, { stream: true });
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end -= 1;
  return text.slice(0, end);
}
