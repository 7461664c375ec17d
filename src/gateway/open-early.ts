// An account's `Messages` before there is an account: its child starts while the rest of the gateway is still being loaded.
import type { Messages, WatchEvent, WatchSink } from "../model/ports.ts";

/** A `Messages` that was opened before there was anybody to report to. */
export interface OpenedMessages {
  readonly messages: Messages;
  /** Epoch ms; not later than the `Messages` itself takes it to be. */
  readonly openedAtMs: number;
  connect(sink: WatchSink): void;
  /** Ends it, connected or not. Contract: what waits for a sink is told `reason`. */
  abandon(reason: unknown): Promise<void>;
}

/** Opens a `Messages` at once; what it asks and reports waits until a sink is connected. */
export function openEarly(messages: Messages, openedAtMs: number): OpenedMessages {
  const connected = Promise.withResolvers<WatchSink>();
  // Nobody may be waiting when it is abandoned.
  connected.promise.catch(() => {});
  let sink: WatchSink | undefined;
  messages.open({
    position: async () => (await connected.promise).position(),
    begin: async (position) => (await connected.promise).begin(position),
    onEvent: async (event: WatchEvent) => (await connected.promise).onEvent(event),
    onHealth: (health) => sink?.onHealth(health),
  });
  return {
    messages,
    openedAtMs,
    connect: (given) => {
      sink = given;
      connected.resolve(given);
    },
    abandon: async (reason) => {
      connected.reject(reason);
      await messages.close();
    },
  };
}
