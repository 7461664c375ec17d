// One process that speaks the Agent Client Protocol: started, introduced to, asked, and ended with all that it started.
import type { AgentCapabilities, ClientConnection, Stream } from "@agentclientprotocol/sdk";
import { endProcessGroup, startChild, type Child, type ChildEnd } from "../../lib/child.ts";
import { createLineSplitter } from "../../lib/jsonl.ts";
import type { Log } from "../../lib/log.ts";
import { unlessAborted } from "../../lib/unless-aborted.ts";
import { CLOSED, failed, notStarted, tooLarge, type Failure } from "../failure.ts";
import { watchMemory } from "../../lib/group-memory.ts";
import { LastLines } from "../last-lines.ts";
import { noteProcess, type ProcessBook } from "../process-book.ts";
import { fieldsOf, textOf } from "./loose.ts";
import { AgentTrouble, requestFailure, type KnownAgent } from "./trouble.ts";
import { createWire } from "./wire.ts";

/** A longer line of stderr is dropped. */
const MAX_ERROR_LINE_BYTES = 64 * 1024;

/** What to start, and with what. */
export interface AgentProgram {
  readonly command: readonly [string, ...string[]];
  /** Contract: is there. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryBytes: number | undefined;
  /** Of this product; the agent is told it. */
  readonly version: string;
  readonly startMs: number;
  /** Aborted when nobody needs it any more before it has answered. */
  readonly signal: AbortSignal;
  readonly killGraceMs: number;
  readonly processes: ProcessBook;
  readonly log: Log;
}

/** What the agent tells and asks on its own. */
export interface AgentListener {
  /** The parameters of a `session/update`, in order. */
  readonly onUpdate: (params: unknown) => void;
  /** The parameters of a `session/request_permission`; the answer is the option chosen, undefined for a question that is withdrawn. */
  readonly onApproval: (params: unknown) => Promise<string | undefined>;
}

/** A running agent. */
export class AgentProcess {
  readonly #program: AgentProgram;
  readonly #child: Child;
  readonly #lastLines = new LastLines();
  readonly #ended = Promise.withResolvers<Failure>();
  readonly #startedAtMs = performance.now();
  readonly #unwatch: (() => void) | undefined;
  #connection: ClientConnection | undefined;
  #known: KnownAgent;
  #capabilities: AgentCapabilities = {};
  /** Why it is being ended by us. */
  #verdict: Failure | undefined;
  #isReady = false;
  #isOver = false;
  #forget: () => Promise<void> = async () => {};
  /** Settles when its group is gone too. */
  #gone: Promise<void> | undefined;

  private constructor(program: AgentProgram, onStdout: (chunk: Uint8Array) => void) {
    this.#program = program;
    this.#known = { name: program.command[0], logins: [] };
    const [command, ...args] = program.command;
    const stderr = createLineSplitter((line) => {
      program.log.debug(line);
      this.#lastLines.add(line);
    }, MAX_ERROR_LINE_BYTES);
    this.#child = startChild({
      command,
      args,
      env: program.environment,
      cwd: program.folder,
      onStdout,
      onStderr: (chunk) => stderr.push(chunk),
      onEnd: (end) => this.#onEnd(end),
    });
    const { memoryBytes } = program;
    if (memoryBytes !== undefined && this.#child.pid !== undefined)
      this.#unwatch = watchMemory(
        this.#child.pid,
        memoryBytes,
        () => void this.end(failed(tooLarge(memoryBytes))),
      );
  }

  /** Starts an agent and introduces the gateway to it. Contract: rejects with `AgentTrouble`; then nothing of it runs any more. */
  static async start(program: AgentProgram, listener: AgentListener): Promise<AgentProcess> {
    let started: AgentProcess | undefined;
    const wire = createWire((line) => started !== undefined && started.#child.write(line), {
      onUpdate: listener.onUpdate,
      onNoise: (what) => program.log.debug(`not understood: ${what}`),
    });
    try {
      started = new AgentProcess(program, (chunk) => wire.push(chunk));
    } catch (cause) {
      throw new AgentTrouble(notStarted(cause as NodeJS.ErrnoException, program.command[0]));
    }
    const agent = started;
    void agent.#ended.promise.then(() => wire.end());
    try {
      await agent.#introduce(wire.stream, listener);
      return agent;
    } catch (cause) {
      const failure = agent.#isOver
        ? await agent.#ended.promise
        : cause instanceof AgentTrouble
          ? cause.failure
          : requestFailure(cause, agent.#known);
      await agent.end(failure);
      throw new AgentTrouble(failure);
    }
  }

  /** Settles when it is gone, with what that means for a turn it was in. Contract: never rejects. */
  get ended(): Promise<Failure> {
    return this.#ended.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get capabilities(): AgentCapabilities {
    return this.#capabilities;
  }

  get known(): KnownAgent {
    return this.#known;
  }

  /** How long it has run. */
  get livedMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** Asks it something. Contract: rejects with the agent's error, or with `AgentTrouble` once it is gone. */
  async request(method: string, params: object): Promise<unknown> {
    if (!this.#connection) throw new AgentTrouble(await this.#ended.promise);
    try {
      return await this.#connection.agent.request<unknown, object>(method, params);
    } catch (cause) {
      if (this.#connection.signal.aborted) throw new AgentTrouble(await this.#ended.promise);
      throw cause;
    }
  }

  /** Tells it something. Contract: never rejects. */
  async notify(method: string, params: object): Promise<void> {
    await this.#connection?.agent.notify<object>(method, params).catch(() => {});
  }

  /** Ends it at once, with all that it started. Turns that it is in fail with `verdict`. */
  async end(verdict: Failure): Promise<void> {
    this.#verdict ??= verdict;
    if (this.#child.pid !== undefined) await endProcessGroup(this.#child.pid, this.#program.killGraceMs);
    await this.#ended.promise;
    await this.#gone;
  }

  /** Lets it end by itself first: its stdin is closed. */
  async close(verdict: Failure): Promise<void> {
    this.#verdict ??= verdict;
    await this.#child.end(this.#program.killGraceMs / 2);
    await this.end(verdict);
  }

  async #introduce(stream: Stream, listener: AgentListener): Promise<void> {
    const { pid } = this.#child;
    const { processes, log, startMs, version, signal } = this.#program;
    if (pid !== undefined) {
      const [forget] = await Promise.all([noteProcess(processes, pid, log), this.#connect(stream, listener)]);
      this.#forget = forget;
      if (this.#isOver) await forget();
    }
    const initialize = this.request("initialize", {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: "coderclaw", title: "CoderClaw", version },
    });
    const answer = await unlessAborted(initialize, [AbortSignal.timeout(startMs), signal]);
    if (answer === undefined) {
      const late = `${this.#known.name} did not answer within ${startMs / 1000} s of its start`;
      throw new AgentTrouble(signal.aborted ? CLOSED : failed(late));
    }
    this.#take(answer);
  }

  async #connect(stream: Stream, { onApproval }: AgentListener): Promise<void> {
    // Loaded with the first agent that needs it.
    const { client, methods } = await import("@agentclientprotocol/sdk");
    this.#connection = client({ name: "coderclaw" })
      .onRequest(
        methods.client.session.requestPermission,
        (params: unknown) => params,
        async ({ params }) => {
          const optionId = await onApproval(params);
          return {
            outcome: optionId === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId },
          };
        },
      )
      .connect(stream);
  }

  #take(answer: unknown): void {
    const { protocolVersion, agentCapabilities, agentInfo, authMethods } = fieldsOf(answer);
    const info = fieldsOf(agentInfo);
    const logins = (Array.isArray(authMethods) ? authMethods : []).flatMap(
      (method) => textOf(fieldsOf(method)["name"]) ?? [],
    );
    this.#known = { name: textOf(info["title"]) ?? textOf(info["name"]) ?? this.#known.name, logins };
    this.#capabilities = fieldsOf(agentCapabilities);
    if (protocolVersion !== 1) {
      const version = JSON.stringify(protocolVersion);
      const reason = `${this.#known.name} speaks version ${version} of the Agent Client Protocol, the gateway speaks version 1`;
      throw new AgentTrouble(failed(reason));
    }
    this.#isReady = true;
    this.#program.log.info(`agent started: ${this.#known.name} ${textOf(info["version"]) ?? ""}`.trimEnd());
  }

  #onEnd({ code, signal, error }: ChildEnd): void {
    this.#isOver = true;
    this.#unwatch?.();
    const { said } = this.#lastLines;
    const how = signal === null ? `exit code ${code}` : `ended by ${signal}`;
    const failure =
      this.#verdict ??
      (error
        ? notStarted(error, this.#program.command[0])
        : failed(`${this.#known.name} ended (${how})${said}`, this.#isReady));
    if (this.#isReady && this.#verdict === undefined) this.#program.log.warn(failure.reason);
    this.#connection?.close(new AgentTrouble(failure));
    this.#ended.resolve(failure);
    const { pid } = this.#child;
    this.#gone = pid === undefined ? undefined : this.#clear(pid);
  }

  async #clear(pid: number): Promise<void> {
    await endProcessGroup(pid, this.#program.killGraceMs);
    await this.#forget();
  }
}
