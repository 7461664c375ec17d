// Reads the times that imsg takes for `start` and `end`, as Foundation's ISO 8601 formatter reads them: by fields, each
// with blanks before it, days and hours beyond the calendar's carried over, text behind the zone not looked at.

import { fromUnixMs } from "./apple-time.ts";
import type { AppleSeconds } from "./apple-time.ts";

/** Foundation looks at so many characters. */
const MAX_LENGTH = 1024;
/** Years of two digits are those from 1950 to 2049. */
const CENTURY_TURN = 50;
const MAX_INT32 = 2 ** 31 - 1;

/** A time with a zone; undefined for what Foundation refuses. With a fraction of a second first, then without. */
export function parseIsoTime(value: string): AppleSeconds | undefined {
  const text = value.slice(0, MAX_LENGTH);
  const ms = readTime(text, true) ?? readTime(text, false);
  return ms === undefined ? undefined : fromUnixMs(ms);
}

function readTime(text: string, withFraction: boolean): number | undefined {
  const fields = new Fields(text);
  try {
    const year = fields.year();
    fields.literal("-");
    const month = fields.within(1, 12);
    fields.literal("-");
    const day = fields.within(1, 31);
    fields.literal("T");
    const hour = fields.within(0, 24);
    fields.literal(":");
    const minute = fields.within(0, 59);
    fields.literal(":");
    const second = fields.within(0, 59);
    if (withFraction) fields.literal(".");
    const ms = withFraction ? fields.milliseconds() : 0;
    const offsetMs = fields.zone();
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    date.setUTCHours(hour, minute, second, ms);
    return date.getTime() - offsetMs;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

class Refusal extends Error {}

const SPACES = /\p{White_Space}*/uy;
const NUMBER = /([+-]?)(\p{Nd}+)/uy;
const EXTENDED_OFFSET = /([+-])(\d{1,2})(?::(\d\d)(?::(\d\d))?)?/uy;
const BASIC_OFFSET = /[+-](\d{1,6})/uy;
const NAMED_ZONE = /(?:GMT|UTC|UT)(?:([+-])(\d{1,2})(?::?(\d\d)(?::?(\d\d))?)?)?/iuy;

/** The fields of a time, read one behind the other. Contract: every reader throws Refusal. */
class Fields {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Exactly this, with nothing before it. */
  literal(character: string): void {
    if (this.#text[this.#at] !== character) throw new Refusal();
    this.#at += 1;
  }

  /** A year; of two digits it is one near ours. */
  year(): number {
    const { value, digits, sign } = this.#number();
    if (digits !== 2 || sign !== "") return value;
    return value < CENTURY_TURN ? 2000 + value : 1900 + value;
  }

  /** A number of any length that lies between two. */
  within(least: number, most: number): number {
    const { value } = this.#number();
    if (value < least || value > most) throw new Refusal();
    return value;
  }

  /** The digits behind the point, of which three count. */
  milliseconds(): number {
    const { value, digits } = this.#number();
    if (digits <= 3) return value * 10 ** (3 - digits);
    // The power is kept in 32 bits, as the digits are.
    let power = 1;
    for (let digit = digits; digit > 3; digit -= 1) power = Math.imul(power, 10);
    return power === 0 ? 0 : Math.trunc(value / power);
  }

  /** The offset of a zone, in milliseconds. */
  zone(): number {
    this.#skipSpaces();
    const first = this.#text[this.#at]?.toUpperCase();
    if (first === "Z") return 0;
    const offset = this.#isoOffset() ?? this.#namedZone();
    if (offset === undefined) throw new Refusal();
    return offset;
  }

  #isoOffset(): number | undefined {
    const extended = this.#match(EXTENDED_OFFSET);
    if (extended === undefined) return undefined;
    const [whole, sign = "+", hours = "", minutes, seconds] = extended;
    const isLong = whole.length > 3;
    const basic = isLong ? undefined : basicOffset(this.#match(BASIC_OFFSET)?.[1] ?? "");
    const spelled = basic ?? extendedOffset(hours, minutes, seconds);
    return sign === "-" ? -spelled : spelled;
  }

  #namedZone(): number | undefined {
    const found = this.#match(NAMED_ZONE);
    if (found === undefined) return undefined;
    const [, sign = "+", hours = "0", minutes, seconds] = found;
    const spelled = extendedOffset(hours, minutes, seconds);
    return sign === "-" ? -spelled : spelled;
  }

  #number(): { value: number; digits: number; sign: string } {
    this.#skipSpaces();
    const [whole, sign = "", figures = ""] = this.#match(NUMBER) ?? [];
    if (whole === undefined) throw new Refusal();
    this.#at += whole.length;
    const digits = Array.from(figures);
    const magnitude = Number(digits.map((digit) => decimalValue(digit)).join(""));
    const value = Math.min(magnitude, MAX_INT32);
    return { value: sign === "-" ? -value : value, digits: digits.length, sign };
  }

  #skipSpaces(): void {
    this.#at += this.#match(SPACES)?.[0].length ?? 0;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text) ?? undefined;
  }
}

/** Hours beyond a day are read by their first digit; minutes behind one digit, or beyond an hour, are not read. */
function extendedOffset(hours: string, minutes = "", seconds = ""): number {
  if (Number(hours) > 23) return offsetMs(Math.trunc(Number(hours) / 10));
  if (hours.length < 2 || minutes === "" || Number(minutes) > 59) return offsetMs(Number(hours));
  if (seconds === "" || Number(seconds) > 59) return offsetMs(Number(hours), Number(minutes));
  return offsetMs(Number(hours), Number(minutes), Number(seconds));
}

/** Digits without a separator: as many of them as make an offset. */
function basicOffset(digits: string): number | undefined {
  for (let length = digits.length; length > 0; length -= 1) {
    const even = digits.slice(0, length).padStart(length + (length % 2), "0");
    const [hours = 0, minutes = 0, seconds = 0] = (even.match(/../gu) ?? []).map(Number);
    if (hours <= 23 && minutes <= 59 && seconds <= 59) return offsetMs(hours, minutes, seconds);
  }
  return undefined;
}

function offsetMs(hours: number, minutes = 0, seconds = 0): number {
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** The digit of any script: Unicode puts the ten of each in a row, beginning with zero. */
function decimalValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}
