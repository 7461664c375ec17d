// The agent that is a chat model behind an OpenAI-compatible API: a message and what was said before go there, text comes back.
import { setTimeout as delay } from "node:timers/promises";
import type { BackoffRange } from "../../lib/backoff.ts";
import { KeyedQueue } from "../../lib/keyed-queue.ts";
import type { Log } from "../../lib/log.ts";
import type { Proxies } from "../../lib/proxy.ts";
import type { AgentOffers } from "../../model/agent-session.ts";
import type { AgentRuntime, TurnHost } from "../../model/ports.ts";
import type { RuntimeSettings } from "../../model/settings.ts";
import type { AgentEvent, AgentRequest } from "../../model/turn.ts";
import { failed } from "../failure.ts";
import type { Seen } from "../thinking/filter.ts";
import { AnswerReader, type Habit } from "./answer.ts";
import { call, pieces, readStart, type Patience } from "./call.ts";
import { faultOf, ModelFault, quoted, type Place } from "./fault.ts";
import { chooseEarlier, composeMessages, shorten, type Conversation } from "./history.ts";
import { ListedModels, nearNames } from "./listed-models.ts";
import { readPictures } from "./pictures.ts";
import { Retries, RETRY_RANGE } from "./retries.ts";
import { Room } from "./room.ts";

/** Settings of a model agent. */
export type ModelSettings = Extract<RuntimeSettings, { type: "model" }>;

/** What a model agent is run with; a test waits less. */
export interface ModelContext {
  readonly agentId: string;
  readonly log: Log;
  /** Undefined: every server is asked directly. */
  readonly proxies?: Proxies;
  readonly patience?: Patience;
  readonly retryRange?: BackoffRange;
}

/** Longer answers are cut. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;
const MAX_NAMES = 8;
const PATIENCE: Patience = { connectMs: 20_000, stallMs: 120_000 };

/** Asks a model for each turn. It remembers by the transcript: nothing is kept here. */
export class ModelRuntime implements AgentRuntime {
  readonly output = "markdown";
  readonly remembers = true;
  readonly #settings: ModelSettings;
  readonly #context: ModelContext;
  readonly #patience: Patience;
  readonly #models: ListedModels;
  readonly #closed = new AbortController();
  /** Turns of one session run one after another: each is to know what the one before said. */
  readonly #sessions = new KeyedQueue<string>(Number.MAX_SAFE_INTEGER);
  readonly #running = new Set<Promise<void>>();
  /** By model. */
  readonly #habits = new Map<string, Habit>();

  constructor(settings: ModelSettings, context: ModelContext) {
    this.#settings = settings;
    this.#context = context;
    this.#patience = context.patience ?? PATIENCE;
    this.#models = new ListedModels(this.#placeOf(settings.model), this.#patience, context.proxies);
  }

  async *run(request: AgentRequest, signal: AbortSignal, host: TurnHost): AsyncGenerator<AgentEvent> {
    const over = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    this.#running.add(over.promise);
    void this.#sessions.add(request.turn.sessionId, async () => {
      entered.resolve();
      await over.promise;
    });
    const cut = AbortSignal.any([signal, this.#closed.signal]);
    try {
      await Promise.race([entered.promise, aborted(cut)]);
      if (!cut.aborted) yield* this.#answer(request, cut, host);
      if (!signal.aborted && this.#closed.signal.aborted)
        yield failed("the agent was closed while it ran", true);
    } finally {
      over.resolve();
      this.#running.delete(over.promise);
    }
  }

  /** The models of the API, and the configured one; none where the API does not say. */
  async offers(): Promise<AgentOffers> {
    const names = (await this.#models.names()) ?? [];
    return {
      modes: [],
      mode: undefined,
      models: names.map((name) => ({ id: name, name })),
      model: this.#settings.model,
      commands: [],
    };
  }

  /** Ends every turn under way; each says that its failure is passing, and so does any turn after this. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#running);
  }

  /** Says nothing more once `cut` is aborted. */
  async *#answer(request: AgentRequest, cut: AbortSignal, host: TurnHost): AsyncGenerator<AgentEvent> {
    const { timeoutMs } = this.#settings;
    const late = AbortSignal.timeout(timeoutMs);
    const time: Time = { signal: AbortSignal.any([cut, late]), cut, untilMs: performance.now() + timeoutMs };
    try {
      yield* this.#tryAll(request, host, time);
    } catch (error) {
      if (cut.aborted) return;
      if (late.aborted) yield tooLate(timeoutMs);
      else if (error instanceof ModelFault) yield failed(error.message);
      else throw error;
    }
  }

  /** Tries again as long as nothing was said and it makes sense. */
  async *#tryAll(request: AgentRequest, host: TurnHost, time: Time): AsyncGenerator<AgentEvent> {
    const retries = new Retries(this.#context.retryRange ?? RETRY_RANGE, time.untilMs);
    const place = this.#placeOf(request.turn.choices.model ?? this.#settings.model);
    let conversation = await this.#compose(request, host);
    for (;;) {
      let hasSpoken = false;
      try {
        for await (const { startsOver, text } of this.#ask(conversation, place, time)) {
          if (startsOver && hasSpoken) yield { kind: "aside" };
          if (text === "") continue;
          hasSpoken = true;
          yield { kind: "text", text };
        }
        return;
      } catch (error) {
        if (!(error instanceof ModelFault)) throw error;
        if (hasSpoken) {
          yield failed(`${error.message}, after the answer had begun`, true);
          return;
        }
        const shorter = shorten(conversation, error);
        const waitMs = shorter ? 0 : retries.waitAfter(error, performance.now());
        if (shorter) {
          this.#log(request).info("the model is asked again with less", { because: error.message });
          conversation = shorter;
        } else if (waitMs === undefined)
          throw await this.#explained(error, { ...place, suffix: retries.describe(error) });
        else {
          this.#log(request).info("the model's API is asked again", { because: error.message, waitMs });
          await delay(waitMs, undefined, { signal: time.signal });
        }
      }
    }
  }

  /** One request, and the text of its answer as it comes. */
  async *#ask(conversation: Conversation, place: Place, time: Time): AsyncGenerator<Seen> {
    const { baseUrl, apiKey, model } = place;
    const { signal } = time;
    const body = { model, messages: composeMessages(conversation), stream: true };
    const { proxies } = this.#context;
    const chat = { baseUrl, path: "/chat/completions", apiKey, proxies, body };
    const response = await call(chat, this.#patience, signal);
    const parts = pieces(response, this.#patience, signal);
    const { statusCode: status = 0, headers } = response;
    if (status !== 200)
      throw faultOf({ status, headers, body: await readStart(parts, MAX_REFUSAL_BYTES) }, place);
    const reader = new AnswerReader(place, this.#habits.get(model));
    const room = new Room(MAX_ANSWER_BYTES);
    try {
      for await (const part of parts) {
        yield room.fit(reader.push(part));
        if (reader.isDone || room.isFull) break;
      }
      if (!room.isFull) yield room.fit(reader.end());
    } catch (error) {
      if (signal.aborted && !time.cut.aborted) yield room.fit(reader.soFar());
      throw error;
    }
    this.#learn(model, reader.habit);
    if (room.isFull)
      this.#context.log.warn(`the model wrote more than ${MAX_ANSWER_BYTES} bytes; the rest was dropped`);
    else if (reader.wasCut)
      this.#context.log.warn(`model ${quoted(model)} ran out of room: its answer ends in the middle`);
  }

  /** A model that once thought without a mark at the start may do so again. */
  #learn(model: string, habit: Habit | undefined): void {
    if (habit !== undefined && this.#habits.get(model) !== "unmarked") this.#habits.set(model, habit);
  }

  async #compose(request: AgentRequest, host: TurnHost): Promise<Conversation> {
    const { turn, prompt, systemPrompt, isGroup } = request;
    const { historyTokens, system, vision } = this.#settings;
    const earlier = historyTokens === 0 ? [] : await host.transcript();
    return {
      system: [system, systemPrompt],
      earlier: chooseEarlier(earlier, historyTokens),
      prompt,
      pictures: vision ? await readPictures(request) : [],
      sender: isGroup ? undefined : turn.messages.at(-1)?.handle,
    };
  }

  /** With what is known of the models where the name may be wrong. */
  async #explained(
    fault: ModelFault,
    { model, baseUrl, suffix }: Place & { readonly suffix: string },
  ): Promise<ModelFault> {
    const names = fault.remedy === "other-name" ? await this.#models.names() : undefined;
    if (names === undefined || names.includes(model)) return new ModelFault(fault.message + suffix);
    const near = nearNames(model, names, MAX_NAMES);
    const more = names.length > near.length ? `, and ${names.length - near.length} more` : "";
    const there = near.length === 0 ? "it has none" : `it has ${near.join(", ")}${more}`;
    return new ModelFault(`${baseUrl} has no model ${quoted(model)}: ${there}`);
  }

  #placeOf(model: string): Place {
    const { baseUrl, apiKey } = this.#settings;
    return { agentId: this.#context.agentId, baseUrl, apiKey, model };
  }

  #log({ turn }: AgentRequest): Log {
    return this.#context.log.child({ turnId: turn.id });
  }
}

/** The time of a turn. */
interface Time {
  /** Aborted when nobody waits any longer, or the time is up. */
  readonly signal: AbortSignal;
  /** Aborted when nobody waits any longer. */
  readonly cut: AbortSignal;
  /** Of `performance.now()`. */
  readonly untilMs: number;
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

function tooLate(timeoutMs: number): AgentEvent {
  return {
    kind: "failed",
    code: "agent/timeout",
    reason: `no answer within ${timeoutMs / 1000} s`,
    passing: false,
  };
}
