// Inbox: everything that waits for the owner. What is settled elsewhere stays where it is, so that no press hits the next question.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { InboxItem } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { ItemCard } from "../parts/inbox-item.tsx";
import { Empty, Failure, Waiting } from "../parts/notice.tsx";

/** An item as it was drawn first, and whether it still waits. */
interface Kept {
  readonly item: InboxItem;
  readonly isWaiting: boolean;
}

/** The view. */
export function InboxView() {
  const inbox = useAnswer("inbox", api.inbox, ["message", "turn", "outbox", "account", "config"]);
  const kept = useSignal<readonly Kept[]>([]);
  const list = useRef<HTMLUListElement>(null);
  const answer = inbox.value.value;
  useEffect(() => {
    if (answer !== undefined) kept.value = merge(kept.peek(), answer.items);
  }, [answer]);
  const items = kept.value;
  return (
    <div class="stack">
      <div class="head">
        <h1>Inbox</h1>
        {items.some(({ isWaiting }) => !isWaiting) && (
          <button
            type="button"
            class="button"
            onClick={() => (kept.value = items.filter(({ isWaiting }) => isWaiting))}
          >
            Clear what is settled
          </button>
        )}
      </div>
      {inbox.error.value !== undefined && <Failure error={inbox.error.value} />}
      {answer === undefined && inbox.error.value === undefined && <Waiting />}
      {answer !== undefined && items.length === 0 && (
        <Empty title="Nothing waits for you">
          Questions from agents, strangers who ask for access, and messages that could not be sent show up
          here.
        </Empty>
      )}
      <ul class="stack" ref={list} onKeyDown={(event) => moveFocus(event, list.current)}>
        {items.map(({ item, isWaiting }) => (
          <li key={item.id}>
            <ItemCard item={item} isWaiting={isWaiting} />
          </li>
        ))}
      </ul>
      {answer !== undefined && answer.more > 0 && (
        <p class="muted">{answer.more} more wait. They show up here as you settle these.</p>
      )}
    </div>
  );
}

/** Old ones keep their place, settled or not; new ones come after them. */
function merge(before: readonly Kept[], items: readonly InboxItem[]): readonly Kept[] {
  const waiting = new Map(items.map((item) => [item.id, item]));
  const stay = before.map(({ item }) => ({
    item: waiting.get(item.id) ?? item,
    isWaiting: waiting.has(item.id),
  }));
  const known = new Set(before.map(({ item }) => item.id));
  const added = items.filter(({ id }) => !known.has(id)).map((item) => ({ item, isWaiting: true }));
  return [...stay, ...added];
}

/** `j` and `k` go from card to card. */
function moveFocus(event: KeyboardEvent, list: HTMLUListElement | null): void {
  const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
  if (step === 0 || list === null || event.target instanceof HTMLInputElement) return;
  const cards = [...list.querySelectorAll<HTMLElement>("article")];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  cards[at + step]?.focus();
}
