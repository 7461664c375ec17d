// The model agent, which is loaded with its first turn: what it is made of must not hold up the start of the gateway.
import { loadOnce } from "../../lib/load-once.ts";
import type { AgentOffers } from "../../model/agent-session.ts";
import type { AgentRuntime, TurnHost } from "../../model/ports.ts";
import type { AgentEvent, AgentRequest } from "../../model/turn.ts";
import type { ModelContext, ModelRuntime, ModelSettings } from "./loaded-runtime.ts";

/** Makes a model agent. Contract: loads nothing before its first turn. */
export function createModelRuntime(settings: ModelSettings, context: ModelContext): AgentRuntime {
  return new LateModelRuntime(settings, context);
}

class LateModelRuntime implements AgentRuntime {
  readonly output = "markdown";
  readonly remembers = true;
  readonly #settings: ModelSettings;
  readonly #context: ModelContext;
  readonly #loaded = loadOnce(async () => {
    const { ModelRuntime } = await import("./loaded-runtime.ts");
    return (this.#runtime = new ModelRuntime(this.#settings, this.#context));
  });
  #runtime: ModelRuntime | undefined;
  #isClosed = false;

  constructor(settings: ModelSettings, context: ModelContext) {
    this.#settings = settings;
    this.#context = context;
  }

  async *run(request: AgentRequest, signal: AbortSignal, host: TurnHost): AsyncGenerator<AgentEvent> {
    const runtime = await this.#load();
    yield* runtime.run(request, signal, host);
  }

  async offers(): Promise<AgentOffers> {
    return (await this.#load()).offers();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#runtime?.close();
  }

  async #load(): Promise<ModelRuntime> {
    const runtime = await this.#loaded();
    // A turn that began before the end says what one does that the end cut short.
    if (this.#isClosed) await runtime.close();
    return runtime;
  }
}
