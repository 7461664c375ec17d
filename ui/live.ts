// The stream of what the gateway does, and who wants to know: a view reads its answer again when something it shows may have changed.
import { signal } from "@preact/signals";
import type { HelloEvent, StreamEvent } from "../src/server/api.ts";
import type { Topic } from "../src/control/status/topics.ts";
import { api } from "./api.ts";

/** `lost`: nothing was heard for a moment; it is being tried again. */
export const connection = signal<"opening" | "live" | "lost">("opening");

/** The gateway was started again since, by another version: this page should be loaded again. */
export const newerVersion = signal<string | undefined>(undefined);

/** How much waits for the owner's decision. */
export const waiting = signal(0);

/** What may change that. */
const WAITING_TOPICS = new Set<Topic>(["message", "turn", "outbox", "everything"]);
const COUNT_AFTER_MS = 150;

type Heard = (event: StreamEvent | undefined) => void;

const STEPS = [
  "rows.accepted",
  "rows.decided",
  "command.begun",
  "command.finished",
  "turn.begun",
  "agent.said",
  "agent.answered",
  "turn.finished",
  "part.claimed",
  "send.answered",
  "part.settled",
  "account.health",
  "config.reloaded",
  "config.invalid",
  "store.changed",
] as const satisfies readonly StreamEvent["step"][];

/** Gateways say that they live every 15 s; a stream that is silent for longer may be cut off by a proxy without a word. */
const RETRY_MS = 2000;

const listeners = new Map<Heard, ReadonlySet<Topic>>();
let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let counting: ReturnType<typeof setTimeout> | undefined;
let firstVersion: string | undefined;
let lastBoot: string | undefined;

/** Calls `heard` after events of these topics; without an event where anything may have changed. The answer stops it. */
export function listen(topics: readonly Topic[], heard: Heard): () => void {
  listeners.set(heard, new Set(topics));
  return () => listeners.delete(heard);
}

/** Opens the stream, and keeps it open until `stopListening`. */
export function startListening(): void {
  stopListening();
  const opened = api.events();
  source = opened;
  opened.addEventListener("hello", ({ data }) => onHello(JSON.parse(data as string) as HelloEvent));
  for (const step of STEPS)
    opened.addEventListener(step, ({ data }) => onEvent(JSON.parse(data as string) as StreamEvent));
  opened.addEventListener("error", () => {
    connection.value = "lost";
    // The browser tries again by itself, except when it was refused.
    if (opened.readyState === EventSource.CLOSED) retry = setTimeout(startListening, RETRY_MS);
  });
}

/** Closes the stream. */
export function stopListening(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}

function onHello({ bootId, version, gap, waiting: count }: HelloEvent): void {
  waiting.value = count;
  const wasLost = connection.value === "lost";
  connection.value = "live";
  firstVersion ??= version;
  if (version !== firstVersion) newerVersion.value = version;
  const isOther = lastBoot !== undefined && lastBoot !== bootId;
  lastBoot = bootId;
  if (gap || isOther || wasLost) tellAll();
}

function onEvent(event: StreamEvent): void {
  if (WAITING_TOPICS.has(event.topic)) countSoon();
  for (const [heard, topics] of listeners)
    if (event.topic === "everything" || topics.has(event.topic)) heard(event);
}

/** Several events within a moment are one more question. */
function countSoon(): void {
  counting ??= setTimeout(() => {
    counting = undefined;
    api.countWaiting().then(
      (answer) => (waiting.value = answer.waiting),
      () => {},
    );
  }, COUNT_AFTER_MS);
}

function tellAll(): void {
  for (const heard of listeners.keys()) heard(undefined);
}
