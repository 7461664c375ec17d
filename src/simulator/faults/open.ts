// Plays the faults of a file: the rules in force are asked at every step of the RPC server.

import { setTimeout as sleep } from "node:timers/promises";
import { replaceDatabase } from "../outside/replace.ts";
import type { Faults, RawWrite, SendFault } from "../rpc/faults-port.ts";
import { garbageLine } from "./garbage.ts";
import { Occasions } from "./occasions.ts";
import { RuleFile } from "./rule-file.ts";
import type { FaultName, FaultsError, Role, Rule } from "./rules.ts";

/** What the faults act on. */
export interface FaultScene {
  readonly dbPath: string;
  /** Appends to the event log. */
  log(event: object): void;
}

/** A held notification goes out alone when no other comes for so long, in milliseconds. */
const HOLD_MS = 250;
/** How often a frozen process looks whether it may go on, in milliseconds. */
const THAW_MS = 20;

/** Opens a faults file. Contract: a wrong file ends the process with exit code 2, at the start and whenever it changes. */
export function openFaults(path: string, scene: FaultScene): Faults {
  return new FileFaults(new RuleFile(path, (error) => refuse(path, error)), scene);
}

/** The misbehaviour that a file asks for. */
class FileFaults implements Faults {
  readonly #file: RuleFile;
  readonly #occasions: Occasions;
  readonly #scene: FaultScene;
  readonly #roles = new Set<Role>(["any"]);
  readonly #listeners: (() => void)[] = [];
  #write: RawWrite = () => {};
  #lines = 0;
  #held: string | undefined;

  constructor(file: RuleFile, scene: FaultScene) {
    this.#file = file;
    this.#occasions = new Occasions(file.path);
    this.#scene = scene;
  }

  onStart(write: RawWrite): Promise<void> {
    this.#write = write;
    for (const rule of this.#strike("banner")) write(rule.text ?? "");
    for (const rule of this.#strike("exit-at-start")) this.#exit(rule);
    this.#file.onChange(() => {
      this.#actAtOnce();
      for (const listener of this.#listeners) listener();
    });
    this.#actAtOnce();
    return Promise.resolve();
  }

  async onRequest(method: string): Promise<"answer" | "drop"> {
    const role = roleOf(method);
    if (role !== undefined && !this.#roles.has(role)) {
      this.#roles.add(role);
      this.#actAtOnce();
    }
    for (const rule of this.#strike("database-replaced", method)) this.#replace(rule);
    for (const rule of this.#strike("exit", method)) this.#exit(rule);
    for (const rule of this.#strike("delay", method)) await sleep(rule.ms ?? 0);
    for (const rule of this.#strike("hang", method)) await this.#hang(rule);
    return "answer";
  }

  outgoing(line: string, kind: "response" | "notification"): (string | Uint8Array)[] {
    const out: (string | Uint8Array)[] = this.#strike("garbage").map((rule) =>
      garbageLine(rule, this.#lines),
    );
    if (kind === "response") return [...out, line];
    const lines = this.#strike("duplicate").length > 0 ? [line, line] : [line];
    return [...out, ...this.#reorder(lines)];
  }

  written(flush: () => void): void {
    this.#lines += 1;
    for (const rule of this.#inForce("exit")) {
      if (rule.method !== undefined || rule.after === 0 || this.#lines < rule.after) continue;
      if (!this.#occasions.strikes({ ...rule, after: 0 }, this.#file.version)) continue;
      flush();
      this.#exit(rule);
    }
  }

  watchSilenced(): boolean {
    return this.#inForce("silent-watch").length > 0;
  }

  watchError(): string | undefined {
    const [rule] = this.#strike("watch-error");
    return rule === undefined ? undefined : (rule.message ?? "database disk image is malformed (code: 11)");
  }

  send(): SendFault | undefined {
    const [rule] = this.#strike("send");
    if (rule?.outcome === undefined) return undefined;
    const { outcome, disposition, message, number, ms, text } = rule;
    return {
      outcome,
      ...(disposition === undefined ? {} : { disposition }),
      ...(message === undefined ? {} : { message }),
      ...(number === undefined ? {} : { number }),
      ...(ms === undefined ? {} : { ms }),
      ...(text === undefined ? {} : { text }),
    };
  }

  bridgeGone(): boolean {
    return this.#inForce("bridge-gone").length > 0;
  }

  unjoinedMs(): number {
    return this.#strike("unjoined")[0]?.ms ?? 0;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** What needs no occasion but its own coming into force. */
  #actAtOnce(): void {
    const now = (fault: FaultName): Rule[] =>
      this.#inForce(fault).filter((rule) => rule.method === undefined && this.#struck(rule));
    for (const rule of now("database-replaced")) this.#replace(rule);
    for (const rule of this.#inForce("exit")) {
      if (rule.method === undefined && rule.after === 0 && this.#struck(rule)) this.#exit(rule);
    }
    if (
      this.#inForce("hang").some((rule) => rule.freeze && rule.method === undefined && this.#struck(rule))
    ) {
      this.#freeze();
    }
  }

  /** The rules of this process for a fault; with a method, those for it or for all. */
  #inForce(fault: FaultName): Rule[] {
    return this.#file.rules().filter((rule) => rule.fault === fault && this.#roles.has(rule.process));
  }

  /** Those that strike now. */
  #strike(fault: FaultName, method?: string): Rule[] {
    return this.#inForce(fault).filter((rule) => isOccasion(rule, method) && this.#struck(rule));
  }

  #struck(rule: Rule): boolean {
    return this.#occasions.strikes(rule, this.#file.version);
  }

  #exit(rule: Rule): void {
    this.#scene.log({ event: "fault", fault: rule.fault, signal: rule.signal, code: rule.code });
    if (rule.signal === undefined) process.exit(rule.code ?? 1);
    process.kill(process.pid, rule.signal);
  }

  #replace(rule: Rule): void {
    this.#scene.log({ event: "fault", fault: rule.fault });
    replaceDatabase(this.#scene.dbPath, rule.with);
  }

  /** Lasts until the file no longer has such a rule. */
  async #hang(rule: Rule): Promise<void> {
    this.#scene.log({ event: "fault", fault: rule.fault, method: rule.method });
    if (rule.freeze) return this.#freeze();
    const { promise, resolve } = Promise.withResolvers<void>();
    const isOver = (): boolean => !this.#inForce("hang").some((one) => one.method === rule.method);
    this.#listeners.push(() => {
      if (isOver()) resolve();
    });
    return promise;
  }

  /** Stops this process dead: nothing is read, nothing is written, until the file no longer has such a rule. */
  #freeze(): void {
    this.#scene.log({ event: "fault", fault: "hang", freeze: true });
    const still = new Int32Array(new SharedArrayBuffer(4));
    do Atomics.wait(still, 0, 0, THAW_MS);
    while (this.#inForce("hang").some((rule) => rule.freeze));
  }

  /** Each second notification goes before the first. */
  #reorder(lines: string[]): string[] {
    const first = this.#held;
    if (first !== undefined) {
      this.#held = undefined;
      return [...lines, first];
    }
    const [line, ...rest] = lines;
    if (line === undefined || this.#strike("reorder").length === 0) return lines;
    this.#held = line;
    setTimeout(() => this.#release(line), HOLD_MS);
    return rest;
  }

  #release(line: string): void {
    if (this.#held !== line) return;
    this.#held = undefined;
    this.#write(line);
  }
}

/** A rule for a method strikes at its requests; one without, at every step where its fault can strike. */
function isOccasion(rule: Rule, method: string | undefined): boolean {
  if (rule.method !== undefined) return rule.method === method;
  const atRequests = rule.fault === "hang" || rule.fault === "delay";
  if (rule.fault === "exit" || rule.fault === "database-replaced") return false; // at once, or by lines
  return method === undefined || atRequests;
}

/** The part a process takes by being asked. */
function roleOf(method: string): Role | undefined {
  if (method === "watch.subscribe") return "watching";
  return method === "send" || method.startsWith("send.") ? "sending" : undefined;
}

function refuse(path: string, error: FaultsError): never {
  process.stderr.write(
    `imsg-sim: faults file ${path}: ${error.message}\n` +
      'Write {"rules":[{"fault":"delay","ms":100}]}; docs/simulator.md lists the faults.\n',
  );
  process.exit(2);
}
