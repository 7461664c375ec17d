// Reads the parameters of sending methods as either generation of imsg does: loosely up to 0.13, strictly from 0.14.

import type { RpcContext } from "../rpc/context.ts";
import {
  looseBoolean,
  looseInt64,
  looseInteger,
  looseParams,
  looseString,
  looseStrings,
} from "../rpc/loose-params.ts";
import { StrictParams } from "../rpc/strict-params.ts";

/** Named parameters of one call. Contract: with strict reading every reader throws invalid params with the key's name. */
export interface Params {
  has(key: string): boolean;
  string(key: string, aliases?: readonly string[]): string | undefined;
  integer(key: string, aliases?: readonly string[]): number | undefined;
  int64(key: string, aliases?: readonly string[]): bigint | undefined;
  boolean(key: string, aliases?: readonly string[]): boolean | undefined;
  strings(key: string, aliases?: readonly string[]): string[] | undefined;
  objects(key: string, aliases?: readonly string[]): Record<string, unknown>[] | undefined;
}

/** The keys that name a chat. */
export const CHAT_KEYS = ["chat_id", "chat_identifier", "chat_guid"] as const;
/** The keys that name the message replied to. */
export const REPLY_ALIASES = ["replyTo", "reply_to_guid", "message_guid"] as const;
/** The keys beside `message_id` that name the message an operation is about. */
export const MESSAGE_ALIASES = ["messageId", "message_guid", "messageGuid", "message"] as const;

/** Opens the parameters of a method; `keys` are all it documents. */
export function readParams(
  params: unknown,
  context: RpcContext,
  method: string,
  keys: readonly string[],
): Params {
  return context.dialect === "legacy" ? new LooseParams(params) : new StrictParams(params, method, keys);
}

/** The parameters of imsg up to 0.13: unknown keys are passed over, kinds stand in for one another. */
class LooseParams implements Params {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(params: unknown) {
    this.#values = looseParams(params);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  string(key: string, aliases: readonly string[] = []): string | undefined {
    return looseString(this.#first(key, aliases));
  }

  integer(key: string, aliases: readonly string[] = []): number | undefined {
    return looseInteger(this.#first(key, aliases));
  }

  int64(key: string, aliases: readonly string[] = []): bigint | undefined {
    return looseInt64(this.#first(key, aliases));
  }

  boolean(key: string, aliases: readonly string[] = []): boolean | undefined {
    return looseBoolean(this.#first(key, aliases));
  }

  strings(key: string, aliases: readonly string[] = []): string[] | undefined {
    const value = this.#first(key, aliases);
    return value === undefined ? undefined : looseStrings(value);
  }

  objects(key: string, aliases: readonly string[] = []): Record<string, unknown>[] | undefined {
    const value = this.#first(key, aliases);
    if (!Array.isArray(value)) return undefined;
    return value.filter(
      (item: unknown): item is Record<string, unknown> => typeof item === "object" && item !== null,
    );
  }

  #first(key: string, aliases: readonly string[]): unknown {
    const name = [key, ...aliases].find((candidate) => this.has(candidate));
    return name === undefined ? undefined : this.#values[name];
  }
}
