// The parameters of imsg from 0.14: unknown keys, coerced values and nulls are refused.

import { invalidParams } from "./error.ts";
import { JsonNumber } from "./json.ts";
import { safeInteger } from "./loose-params.ts";

const INT64 = { first: -(2n ** 63n), last: 2n ** 63n - 1n };

/** Named parameters of one call, read strictly. Contract: every reader throws invalid params, with the key's name. */
export class StrictParams {
  readonly #values: Readonly<Record<string, unknown>>;

  /** Refuses keys that the method does not document. */
  constructor(params: unknown, method: string, keys: readonly string[]) {
    this.#values = (params ?? {}) as Record<string, unknown>;
    const unknown = Object.keys(this.#values)
      .toSorted()
      .find((key) => !keys.includes(key));
    if (unknown !== undefined) throw invalidParams(`unknown ${method} param: ${unknown}`);
  }

  /** Whether the key was given. */
  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  /** A text; undefined when absent. */
  string(key: string, aliases: readonly string[] = []): string | undefined {
    const found = this.#selected(key, aliases);
    if (found === undefined) return undefined;
    if (typeof found.value !== "string") throw invalidParams(`${found.name} must be a string`);
    return found.value;
  }

  /** A whole number of 64 bits, written as one; undefined when absent. */
  int64(key: string, aliases: readonly string[] = []): bigint | undefined {
    const found = this.#selected(key, aliases);
    if (found === undefined) return undefined;
    const { name, value } = found;
    const whole = value instanceof JsonNumber && value.isWhole ? BigInt(value.source) : undefined;
    if (whole === undefined || whole < INT64.first || whole > INT64.last) {
      throw invalidParams(`${name} must be an integer`);
    }
    return whole;
  }

  /** The same as a number of JavaScript: what it cannot hold is cut to what it can. */
  integer(key: string, aliases: readonly string[] = []): number | undefined {
    const whole = this.int64(key, aliases);
    return whole === undefined ? undefined : safeInteger(whole);
  }

  /** A whole number above 0; undefined when absent. */
  positive(key: string): number | undefined {
    const value = this.integer(key);
    if (value !== undefined && value <= 0) throw invalidParams(`${key} must be a positive integer`);
    return value;
  }

  /** A whole number in a range, both ends in it; undefined when absent. */
  within(
    key: string,
    [least, most]: readonly [number, number],
    aliases: readonly string[] = [],
  ): number | undefined {
    const value = this.integer(key, aliases);
    if (value === undefined || (value >= least && value <= most)) return value;
    throw invalidParams(`${key} must be an integer between ${least} and ${most}`);
  }

  /** A truth value; undefined when absent. */
  boolean(key: string, aliases: readonly string[] = []): boolean | undefined {
    const found = this.#selected(key, aliases);
    if (found === undefined) return undefined;
    if (typeof found.value !== "boolean") throw invalidParams(`${found.name} must be a boolean`);
    return found.value;
  }

  /** A list of texts; undefined when absent. */
  strings(key: string, aliases: readonly string[] = []): string[] | undefined {
    const found = this.#selected(key, aliases);
    if (found === undefined) return undefined;
    const { name, value } = found;
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
      throw invalidParams(`${name} must be an array of strings`);
    }
    return value as string[];
  }

  /** A list of objects; undefined when absent. */
  objects(key: string, aliases: readonly string[] = []): Record<string, unknown>[] | undefined {
    const found = this.#selected(key, aliases);
    if (found === undefined) return undefined;
    const { name, value } = found;
    if (!Array.isArray(value) || value.some((item) => !isNamed(item))) {
      throw invalidParams(`${name} must be an array of objects`);
    }
    return value as Record<string, unknown>[];
  }

  #selected(key: string, aliases: readonly string[]): { name: string; value: unknown } | undefined {
    const names = [key, ...aliases];
    const [name, second] = names.filter((candidate) => this.has(candidate));
    if (second !== undefined) throw invalidParams(`use only one of ${names.join(", ")}`);
    if (name === undefined) return undefined;
    const value = this.#values[name];
    if (value === null) throw invalidParams(`${name} must not be null`);
    return { name, value };
  }
}

function isNamed(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) && !(value instanceof JsonNumber);
}
