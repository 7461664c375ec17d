// How imsg up to 0.13 reads parameters: numbers, truth values and texts stand in for one another.

import { JsonNumber } from "./json.ts";

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
/** Longer numbers are kept as decimals by Foundation, shorter ones as whole or floating numbers. */
const MAX_DOUBLE_DIGITS = 17;
const WHOLE_TEXT = /^[+-]?\d+$/u;

/** Named parameters; anything else than an object counts as none. */
export function looseParams(params: unknown): Readonly<Record<string, unknown>> {
  const named = typeof params === "object" && params !== null && !Array.isArray(params);
  return named && !(params instanceof JsonNumber) ? (params as Record<string, unknown>) : {};
}

/** A text, or a number or truth value written as one. */
export function looseString(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof JsonNumber) return writtenOut(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  return undefined;
}

/** A whole number of 64 bits: fractions are cut, texts of digits and truth values are taken. */
export function looseInt64(value: unknown): bigint | undefined {
  if (value instanceof JsonNumber) return int64Of(value.source);
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value !== "string" || !WHOLE_TEXT.test(value)) return undefined;
  const whole = BigInt(value.replace(/^\+/u, ""));
  return whole >= MIN && whole <= MAX ? whole : undefined;
}

/** The same as a number of JavaScript: what it cannot hold is cut to what it can. */
export function looseInteger(value: unknown): number | undefined {
  const whole = looseInt64(value);
  return whole === undefined ? undefined : safeInteger(whole);
}

/** The nearest whole number that JavaScript holds exactly. */
export function safeInteger(whole: bigint): number {
  if (whole > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  return whole < BigInt(Number.MIN_SAFE_INTEGER) ? Number.MIN_SAFE_INTEGER : Number(whole);
}

/** A truth value: any number but 0, and the texts true and false, are taken. */
export function looseBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (value instanceof JsonNumber) return value.value !== 0;
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

/** What Foundation makes of a number's text when it is asked for 64 bits, as recorded on an Intel machine. */
function int64Of(source: string): bigint {
  const isNegative = source.startsWith("-");
  if (/^-?\d+$/u.test(source)) {
    const whole = BigInt(source);
    const isKeptWhole = isNegative ? source.length <= 19 : whole < 2n ** 64n;
    if (isKeptWhole) return whole > MAX ? MAX : whole;
    return decimalInt64(whole);
  }
  const [mantissa = ""] = source.split("e");
  const value = Number(source);
  if (mantissa.length > MAX_DOUBLE_DIGITS && Math.abs(value) < 1e20) return decimalInt64(truncated(source));
  // Out of range the processor's conversion leaves its mark for "no such number".
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : MIN;
}

/** A decimal's low 64 bits; its sign is lost where they do not fit. */
function decimalInt64(whole: bigint): bigint {
  const low = BigInt.asUintN(64, whole < 0n ? -whole : whole);
  if (whole < 0n && low <= 2n ** 63n) return -low;
  return BigInt.asIntN(64, low);
}

function truncated(source: string): bigint {
  const [, sign = "", whole = "0", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/iu.exec(source) ?? [];
  const shift = Number(exponent);
  const digits = `${whole}${fraction.padEnd(Math.max(shift, 0), "0")}`;
  const kept = digits.slice(0, Math.max(whole.length + shift, 0)) || "0";
  return BigInt(`${sign}${kept}`);
}

/** Foundation writes up to 15 digits behind the point and never an exponent. */
function writtenOut(number: JsonNumber): string {
  if (number.isWhole) return BigInt(number.source).toString();
  return number.value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 15 });
}
