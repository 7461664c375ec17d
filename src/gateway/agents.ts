// The agents of the configuration in force, each with its runtime; a reload keeps those that did not change.
import type { ReadyAgent } from "../flow/frame.ts";
import type { AgentId } from "../model/ids.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { AgentSettings, RuntimeSettings } from "../model/settings.ts";

/** Makes the runtime of an agent. */
export type MakeRuntime = (settings: RuntimeSettings, agentId: AgentId) => AgentRuntime;

/** Holds the runtimes. */
export class Agents {
  readonly #make: MakeRuntime;
  #ready = new Map<AgentId, ReadyAgent>();

  constructor(make: MakeRuntime) {
    this.#make = make;
  }

  /** Undefined when the configuration in force has no such agent. */
  get(agentId: AgentId): ReadyAgent | undefined {
    return this.#ready.get(agentId);
  }

  /** Takes a new configuration over. A runtime that is replaced ends its turns; they are run again by the next one. */
  async apply(agents: readonly AgentSettings[]): Promise<void> {
    const before = this.#ready;
    this.#ready = new Map(
      agents.map((settings) => [settings.id, this.#keepOrMake(before.get(settings.id), settings)]),
    );
    const kept = new Set([...this.#ready.values()].map((agent) => agent.runtime));
    const gone = [...before.values()].map((agent) => agent.runtime).filter((runtime) => !kept.has(runtime));
    await Promise.all(gone.map(async (runtime) => runtime.close()));
  }

  async close(): Promise<void> {
    await this.apply([]);
  }

  #keepOrMake(known: ReadyAgent | undefined, settings: AgentSettings): ReadyAgent {
    const isSame =
      known !== undefined && JSON.stringify(known.settings.runtime) === JSON.stringify(settings.runtime);
    return { settings, runtime: isSame ? known.runtime : this.#make(settings.runtime, settings.id) };
  }
}
