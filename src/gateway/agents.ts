// The agents of the configuration in force, each with its runtime; a reload keeps those that did not change.
import type { ReadyAgent } from "../flow/frame.ts";
import type { AgentId } from "../model/ids.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { AgentSettings, RuntimeSettings } from "../model/settings.ts";
import { RetiringRuntime } from "./retiring-runtime.ts";

/** Makes the runtime of an agent. Contract: starts nothing. */
export type MakeRuntime = (settings: RuntimeSettings, agentId: AgentId) => AgentRuntime;

/** An agent whose runtime may have to go. */
type HeldAgent = ReadyAgent & { readonly runtime: RetiringRuntime };

/** Holds the runtimes. */
export class Agents {
  readonly #make: MakeRuntime;
  #ready = new Map<AgentId, HeldAgent>();
  /** Replaced, and still answering. */
  readonly #retiring = new Set<RetiringRuntime>();

  constructor(make: MakeRuntime) {
    this.#make = make;
  }

  /** Undefined when the configuration in force has no such agent. */
  get(agentId: AgentId): ReadyAgent | undefined {
    return this.#ready.get(agentId);
  }

  /** Takes a new configuration over. A runtime that is replaced ends with the turns that it runs. */
  apply(agents: readonly AgentSettings[]): void {
    const before = this.#ready;
    this.#ready = new Map(
      agents.map((settings) => [settings.id, this.#keepOrMake(before.get(settings.id), settings)]),
    );
    const kept = new Set([...this.#ready.values()].map((agent) => agent.runtime));
    for (const { runtime } of before.values()) if (!kept.has(runtime)) this.#retire(runtime);
  }

  /** Ends all of them, with what they run. */
  async close(): Promise<void> {
    this.apply([]);
    await Promise.all([...this.#retiring].map(async (runtime) => runtime.close()));
  }

  #retire(runtime: RetiringRuntime): void {
    this.#retiring.add(runtime);
    void runtime.retire().finally(() => this.#retiring.delete(runtime));
  }

  #keepOrMake(known: HeldAgent | undefined, settings: AgentSettings): HeldAgent {
    // A program is started in its workspace.
    const key = ({ runtime, workspace }: AgentSettings): string => JSON.stringify([runtime, workspace]);
    const isSame = known !== undefined && key(known.settings) === key(settings);
    if (isSame) return { settings, runtime: known.runtime };
    return { settings, runtime: new RetiringRuntime(this.#make(settings.runtime, settings.id)) };
  }
}
