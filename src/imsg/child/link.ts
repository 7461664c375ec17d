// One imsg child and the JSON-RPC client over its pipes: lines become answers and notifications, the rest is noise.
import { isShortage, startChild, type Child, type ChildEnd } from "../../lib/child.ts";
import { createLineSplitter } from "../../lib/jsonl.ts";
import { GatewayError } from "../../model/errors.ts";
import type { TransportSettings } from "../../model/settings.ts";
import { gone, ImsgRefusal, timedOut } from "./refusal.ts";
import { imsgCommand } from "../mac/ssh-command.ts";
import { explainSshEnd, sshNotFound } from "../mac/ssh-trouble.ts";

/** How a child is started and who is told what it says. */
export interface LinkOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** A notification with its raw line. */
  readonly onNotification: (method: string, params: Record<string, unknown>, line: string) => void;
  /** A line that is no JSON-RPC (`stdout`), or any line of stderr. */
  readonly onNoise: (stream: "stdout" | "stderr", line: string) => void;
  /** Knows more about an end than the link does; undefined: it does not. */
  readonly explain?: (end: ChildEnd, said: readonly string[]) => GatewayError | undefined;
}

/** Lines of stderr that are kept for `explain`. */
const SAID_KEPT = 30;

/** Places in a line at which an answer behind a banner is looked for. */
const MOST_BEGINNINGS = 20;

/** Lines of 16 MB occur. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

interface Call {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly timeoutMs: number;
  /** The child goes on although it did not answer. */
  readonly spares: boolean;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: GatewayError) => void;
  timer?: NodeJS.Timeout;
}

/**
 * Contract: every call settles: with the answer, an `ImsgRefusal`, `imsg/timeout`, or `imsg/gone` once the child ended. A child that
 * let a request time out hangs and is killed, unless the caller spares it.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #child: Child;
  readonly #waiting: Call[] = [];
  readonly #written = new Map<number, Call>();
  readonly #ended = Promise.withResolvers<GatewayError>();
  #maxInFlight = Number.POSITIVE_INFINITY;
  #nextId = 1;
  #end: GatewayError | undefined;
  #heardJson = false;
  #wantsPause = false;
  readonly #said: string[] = [];
  #lastNoise = "";
  #firstNoise = "";

  constructor(options: LinkOptions) {
    this.#options = options;
    const lines = createLineSplitter(
      (line) => this.#read(line),
      MAX_LINE_BYTES,
      (bytes) => this.#noise("stdout", `a line of more than ${bytes} bytes, thrown away`),
    );
    const diagnostics = createLineSplitter((line) => this.#noise("stderr", line));
    this.#child = startChild({
      command: options.command,
      args: options.args,
      onStdout: (chunk) => lines.push(chunk),
      onStderr: (chunk) => diagnostics.push(chunk),
      onEnd: (end) => {
        lines.end();
        diagnostics.end();
        this.#over(this.#reasonOf(end));
      },
    });
  }

  /** Undefined when the child could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Settles once the child is gone, with the reason. */
  get ended(): Promise<GatewayError> {
    return this.#ended.promise;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Requests written and not answered at one time; those beyond wait here, and their time-out has not begun. */
  limitInFlight(count: number): void {
    this.#maxInFlight = count;
    this.#write();
  }

  /** Asks. The time-out counts from the moment the request is written; with `spares` the child outlives it. */
  call(
    method: string,
    params: Record<string, unknown>,
    timeoutMs: number,
    { spares = false }: { readonly spares?: boolean } = {},
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call: Call = { method, params, timeoutMs, spares, resolve, reject };
      if (this.#end) return reject(gone(method, this.#end.message, false));
      this.#waiting.push(call);
      this.#write();
    });
  }

  /** Stops the reading of what the child says; it goes on for as long as an answer is awaited, which comes by the same pipe. */
  pause(): void {
    this.#wantsPause = true;
    this.#flow();
  }

  resume(): void {
    this.#wantsPause = false;
    this.#flow();
  }

  /**
   * Ends the child: stdin closed, then SIGTERM, then SIGKILL. What is answered meanwhile still counts; a child that has something to
   * answer is given `busyGraceMs` for it.
   */
  async close(graceMs: number, busyGraceMs = graceMs): Promise<void> {
    for (const call of this.#waiting.splice(0)) call.reject(gone(call.method, "the link is closed", false));
    await this.#child.end(this.#written.size > 0 ? busyGraceMs : graceMs, graceMs);
  }

  /** Kills the child at once. */
  async kill(): Promise<void> {
    this.#child.kill();
    await this.#ended.promise;
  }

  #flow(): void {
    if (this.#wantsPause && this.#written.size === 0) this.#child.pauseOutput();
    else this.#child.resumeOutput();
  }

  #write(): void {
    while (this.#waiting.length > 0 && this.#written.size < this.#maxInFlight) {
      const call = this.#waiting.shift();
      if (call === undefined) return;
      const id = this.#nextId++;
      const request = JSON.stringify({ jsonrpc: "2.0", id, method: call.method, params: call.params });
      if (!this.#child.write(`${request}\n`)) {
        call.reject(gone(call.method, "it is not running", false));
        continue;
      }
      call.timer = setTimeout(() => {
        this.#written.delete(id);
        call.reject(timedOut(call.method, call.timeoutMs, "maybe"));
        if (call.spares) return this.#write();
        // It may still come to it: nothing is written to this child any more, and what waits goes to the next.
        this.#child.kill();
      }, call.timeoutMs);
      this.#written.set(id, call);
    }
    if (this.#wantsPause) this.#flow();
  }

  #read(line: string): void {
    if (line.trim() === "") return;
    const message = parseObject(line) ?? this.#behindBanner(line);
    if (message === undefined) return this.#noise("stdout", line);
    if (typeof message["method"] === "string") {
      this.#heardJson = true;
      this.#options.onNotification(message["method"], asObject(message["params"]) ?? {}, line);
      return;
    }
    if (!("result" in message) && !("error" in message)) return this.#noise("stdout", line);
    this.#heardJson = true;
    this.#settle(message, line);
  }

  /** The first answer, behind something that a login or a wrapper printed without ending its line. */
  #behindBanner(line: string): Record<string, unknown> | undefined {
    if (this.#heardJson) return undefined;
    let at = line.indexOf('{"', 1);
    for (let tries = 0; at !== -1 && tries < MOST_BEGINNINGS; tries += 1) {
      const message = parseObject(line.slice(at));
      if (message?.["jsonrpc"] === "2.0" && ("result" in message || "error" in message)) {
        this.#noise("stdout", line.slice(0, at));
        return message;
      }
      at = line.indexOf('{"', at + 1);
    }
    return undefined;
  }

  #settle(message: Record<string, unknown>, line: string): void {
    const id = message["id"];
    const call = typeof id === "number" ? this.#written.get(id) : undefined;
    // An answer that comes after its time-out has nobody waiting for it.
    if (call === undefined) return id === null ? this.#noise("stdout", line) : undefined;
    this.#written.delete(id as number);
    clearTimeout(call.timer);
    const error = asObject(message["error"]);
    if (error === undefined) call.resolve(message["result"]);
    else {
      const code = typeof error["code"] === "number" ? error["code"] : 0;
      const text = typeof error["message"] === "string" ? error["message"] : "error";
      call.reject(new ImsgRefusal(call.method, { code, message: text, data: error["data"] }));
    }
    this.#write();
  }

  #noise(stream: "stdout" | "stderr", line: string): void {
    this.#lastNoise = line.trim().slice(0, 300) || this.#lastNoise;
    this.#firstNoise ||= this.#lastNoise;
    if (stream === "stderr" && this.#said.push(line.slice(0, 500)) > SAID_KEPT) this.#said.shift();
    this.#options.onNoise(stream, line);
  }

  #over(reason: GatewayError): void {
    this.#end = reason;
    for (const call of this.#waiting.splice(0)) call.reject(gone(call.method, reason.message, false));
    for (const call of this.#written.values()) {
      clearTimeout(call.timer);
      // A program that could not be started has read nothing.
      call.reject(gone(call.method, reason.message, this.#child.pid !== undefined));
    }
    this.#written.clear();
    this.#ended.resolve(reason);
  }

  #reasonOf(end: ChildEnd): GatewayError {
    const explained = this.#options.explain?.(end, this.#said);
    if (explained !== undefined) return explained;
    const { command } = this.#options;
    const code = end.error?.code;
    if (code === "ENOENT")
      return new GatewayError("imsg/not-found", `imsg not found (${command})`, {
        hint: "Install imsg, or set channels.imessage.cliPath to where it is.",
      });
    if (isShortage(end.error))
      return new GatewayError(
        "imsg/not-started",
        `${command} could not be started: ${shortageOf(code)} (${code})`,
        {
          hint: "CoderClaw tries again by itself. If it goes on: raise `ulimit -n`, or end what uses up this machine.",
        },
      );
    if (code !== undefined && this.pid === undefined)
      return new GatewayError("imsg/not-executable", `${command} cannot be executed (${code})`, {
        hint: `Make it executable: chmod +x ${command}`,
      });
    const printedHelp = end.code === 0 && this.#lastNoise !== "";
    if (!this.#heardJson && (printedHelp || /unknown (?:sub)?command/iu.test(this.#firstNoise)))
      return new GatewayError("imsg/no-rpc", 'imsg CLI does not support the "rpc" subcommand (update imsg)', {
        hint: "Update imsg, or point cliPath at a program that speaks its RPC.",
        details: { said: this.#firstNoise },
      });
    const how = end.signal === null ? `exit ${end.code}` : end.signal;
    const said = this.#lastNoise === "" ? "" : `: ${this.#lastNoise}`;
    return new GatewayError("imsg/gone", `imsg ended (${how})${said}`, {
      hint: "Nothing: the child is replaced by itself.",
      effect: "maybe",
    });
  }
}

function shortageOf(code: string | undefined): string {
  if (code === "EMFILE" || code === "ENFILE") return "too many files and connections are open";
  return code === "ENOMEM" ? "there is no memory left" : "too many processes run";
}

/** The command line of an account's `imsg rpc`, here or there. */
export function programOf(transport: TransportSettings): Pick<LinkOptions, "command" | "args" | "explain"> {
  const { cliPath, dbPath, reach, probeTimeoutMs } = transport;
  if (reach.kind === "local") return { command: cliPath, args: ["rpc", ...databaseArgs(dbPath)] };
  if (reach.kind === "ssh")
    return {
      ...imsgCommand(reach, dbPath, (probeTimeoutMs * CONNECT_SHARE) / 1000),
      explain: ({ code, error }, said) =>
        error?.code === "ENOENT"
          ? sshNotFound()
          : explainSshEnd({ code, said, remote: reach.remote, program: reach.program }),
    };
  const remote = reach.kind === "wrapper" ? reach.remote : undefined;
  return {
    command: cliPath,
    args: ["rpc", ...databaseArgs(dbPath)],
    explain: ({ code }, said) => explainSshEnd({ code, said, remote, program: "imsg" }),
  };
}

function databaseArgs(dbPath: string | undefined): readonly string[] {
  return dbPath === undefined ? [] : ["--db", dbPath];
}

/** A host that does not answer is told by ssh, in better words than those of a request that timed out. */
const CONNECT_SHARE = 0.8;

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
