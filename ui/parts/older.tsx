// A list that grows backwards: the newest piece is kept up to date, older ones are read when asked for, and nothing between them is lost.
import { useSignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import type { Page } from "../../src/server/api.ts";
import { Action } from "./action.tsx";

/** What is shown of such a list. */
interface Older<T> {
  /** Newest first. */
  readonly items: readonly T[];
  /** The button that reads on; nothing when all is read. */
  readonly more: ComponentChild;
}

/** How to read a list and tell its items apart. */
interface Reading<T> {
  readonly read: (before: string) => Promise<Page<T>>;
  readonly keyOf: (item: T) => string | number;
  readonly atOf: (item: T) => number;
  readonly label?: string;
}

interface Seen<T> {
  readonly items: ReadonlyMap<string | number, T>;
  /** Undefined: not read beyond the first piece yet. `null`: all is read. */
  readonly next: string | null | undefined;
}

/** Adds older pieces to `first`, which is read again whenever something changed. `key`: another one is another list. */
export function useOlder<T>(
  key: string,
  first: Page<T> | undefined,
  { read, keyOf, atOf, label }: Reading<T>,
): Older<T> {
  const seen = useSignal<Seen<T>>({ items: new Map(), next: undefined });
  const take = (page: Page<T>): ReadonlyMap<string | number, T> =>
    new Map([...seen.peek().items, ...page.items.map((item) => [keyOf(item), item] as const)]);
  useEffect(() => {
    seen.value = { items: new Map(), next: undefined };
  }, [key]);
  useEffect(() => {
    if (first !== undefined) seen.value = { ...seen.peek(), items: take(first) };
  }, [first]);
  const { items, next } = seen.value;
  const before = next === undefined ? first?.next : next;
  const readOn = async (): Promise<void> => {
    const page = await read(before ?? "");
    seen.value = { items: take(page), next: page.next ?? null };
  };
  return {
    items: [...items.values()].sort((one, other) => atOf(other) - atOf(one)),
    more:
      before === undefined || before === null ? null : (
        <p class="row">
          <Action run={readOn}>{label ?? "Show older"}</Action>
        </p>
      ),
  };
}
