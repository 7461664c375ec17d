// A length of time in words, roughly, for people.

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
] as const;

/** `3 min`; how long something lasted, roughly. */
export function renderSpan(spanMs: number): string {
  const [unitMs, unit] = UNITS.find(([unitMs]) => spanMs >= unitMs) ?? [1000, "s"];
  return `${Math.max(0, Math.floor(spanMs / unitMs))} ${unit}`;
}
