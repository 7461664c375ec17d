// Conversations: the list with its search beside one of them; on a phone one after the other.
import { useSignal } from "@preact/signals";
import type { ConversationItem } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { useOlder } from "../parts/older.tsx";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Waiting } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { hrefOf, route } from "../route.ts";
import { Conversation } from "./conversation.tsx";

/** The view. */
export function ConversationsView() {
  const { rest } = route.value;
  const id = Number(rest[0]);
  const chosen = Number.isSafeInteger(id) && id > 0 ? id : undefined;
  return (
    <div class="two" data-chosen={chosen !== undefined}>
      <ConversationList chosen={chosen} />
      {chosen === undefined ? (
        <div class="two-wide">
          <Empty title="Choose a conversation">Its messages, verdicts and answers show up here.</Empty>
        </div>
      ) : (
        <Conversation key={chosen} id={chosen} />
      )}
    </div>
  );
}

function ConversationList({ chosen }: { readonly chosen: number | undefined }) {
  const search = useSignal("");
  const asked = search.value.trim();
  const first = useAnswer(
    `conversations ${asked}`,
    async (signal) => api.conversations({ search: asked }, signal),
    ["message", "turn", "outbox"],
  );
  const older = useOlder(`conversations ${asked}`, first.value.value, {
    read: async (before) => api.conversations({ search: asked, before }),
    keyOf: ({ id }) => id,
    atOf: ({ lastAtMs }) => lastAtMs,
  });
  const items = older.items;
  return (
    <section class="two-list stack" aria-label="Conversations">
      <h1>Conversations</h1>
      <input
        type="search"
        class="field"
        data-search
        aria-label="Search conversations"
        placeholder="Search"
        maxLength={200}
        onInput={(event) => (search.value = event.currentTarget.value)}
      />
      {first.error.value !== undefined && <Failure error={first.error.value} />}
      {first.value.value === undefined && first.error.value === undefined && <Waiting />}
      {first.value.value !== undefined && items.length === 0 && (
        <Empty title={asked === "" ? "No messages yet" : "Nothing found"}>
          {asked === ""
            ? "Text the Mac's number, and the conversation shows up here."
            : "Search for a name, a number or an address."}
        </Empty>
      )}
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <Entry item={item} isChosen={item.id === chosen} />
          </li>
        ))}
      </ul>
      {older.more}
    </section>
  );
}

function Entry({ item, isChosen }: { readonly item: ConversationItem; readonly isChosen: boolean }) {
  const { id, name, lastAtMs, lastText, lastFrom, isRunning, waiting, isMuted, accountId } = item;
  return (
    <a class="entry" href={hrefOf("conversations", id)} aria-current={isChosen ? "true" : undefined}>
      <span class="head">
        <strong class="line">{name}</strong>
        <span class="small muted">
          <Ago atMs={lastAtMs} />
        </span>
      </span>
      <span class="line small">
        {lastFrom === undefined && <span class="muted">You: </span>}
        {lastText}
      </span>
      <span class="row small">
        {isRunning && <State tone="good">working</State>}
        {waiting > 0 && <State tone="plain">{waiting} waiting</State>}
        {isMuted && <State tone="plain">muted</State>}
        <span class="muted">{accountId}</span>
      </span>
    </a>
  );
}
