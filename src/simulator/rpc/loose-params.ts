// How imsg up to 0.13 reads parameters: numbers, truth values and texts stand in for one another.

/** Named parameters; anything else than an object counts as none. */
export function looseParams(params: unknown): Readonly<Record<string, unknown>> {
  const named = typeof params === "object" && params !== null && !Array.isArray(params);
  return named ? (params as Record<string, unknown>) : {};
}

/** A text, or a number or truth value written as one. */
export function looseString(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  return undefined;
}

/** A whole number: fractions are cut, texts of digits and truth values are taken. */
export function looseInteger(value: unknown): number | undefined {
  if (typeof value === "number") return clamp(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" && /^[+-]?\d+$/u.test(value)) return clamp(Number(value));
  return undefined;
}

/** A truth value: any number but 0, and the texts true and false, are taken. */
export function looseBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (value === "true") return true;
  return value === "false" ? false : undefined;
}

/** A list of texts: other lists item by item, one text cut at its commas. */
export function looseStrings(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => looseString(item)).filter((item) => item !== undefined);
  }
  if (typeof value !== "string") return [];
  return value
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function clamp(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(value)));
}
