// A moment, told from now: `3 min ago`, with the exact one on hover.
import { signal } from "@preact/signals";

/** Epoch ms; moves on by itself, so that what is shown stays true. */
export const now = signal(Date.now());

const EVERY_MS = 10_000;

/** Keeps `now` going. */
export function startClock(): void {
  setInterval(() => (now.value = Date.now()), EVERY_MS);
}

const MINUTE_MS = 60_000;
const UNITS = [
  [MINUTE_MS, "min"],
  [60 * MINUTE_MS, "h"],
  [24 * 60 * MINUTE_MS, "d"],
] as const;

/** `now`, `3 min`, `2 h`, `5 d`. */
export function renderSpan(spanMs: number): string {
  if (spanMs < MINUTE_MS) return `${Math.max(0, Math.floor(spanMs / 1000))} s`;
  const [unitMs, name] = UNITS.findLast(([unitMs]) => spanMs >= unitMs) ?? UNITS[0];
  return `${Math.floor(spanMs / unitMs)} ${name}`;
}

/** A moment in the past or to come. */
export function Ago({ atMs }: { readonly atMs: number }) {
  const spanMs = now.value - atMs;
  const date = new Date(atMs);
  const text =
    Math.abs(spanMs) < 5000
      ? "just now"
      : spanMs < 0
        ? `in ${renderSpan(-spanMs)}`
        : `${renderSpan(spanMs)} ago`;
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {text}
    </time>
  );
}
