// What the schema says about a key beside its type: meaning, default and secrecy.
import * as z from "zod/mini";

/** Facts about one key; the description is a phrase in Markdown without a full stop. */
export interface KeyFacts {
  readonly description: string;
  /** The built-in default, or words for one that is worked out (`defaultText`). */
  readonly default?: unknown;
  readonly defaultText?: string;
  /** Of a map: what stands for the name of an entry in the reference, such as `ID`. */
  readonly entryName?: string;
  /** Printed as `••••`. */
  readonly secret?: true;
}

/** The facts of every key of the schema. */
export const keyFacts = z.registry<KeyFacts>();

type KeyOptions = Omit<KeyFacts, "description">;

/** An optional key of a section. */
export function key<T extends z.core.$ZodType>(type: T, description: string, options: KeyOptions = {}) {
  const optional = z.optional(type);
  keyFacts.add(optional, { description, ...options });
  return optional;
}

/** A key that must be there. */
export function requiredKey<T extends z.core.$ZodType>(type: T, description: string): T {
  keyFacts.add(type, { description });
  return type;
}

/** A whole number from `minimum` up; the maximum is what a timer can wait for, in ms. */
export function wholeNumber(minimum: number, maximum = 2_147_483_647) {
  return z.int().check(z.minimum(minimum), z.maximum(maximum));
}

/** A text that is not empty. */
export function words() {
  return z.string().check(z.minLength(1));
}
