// One conversation: its timeline, what can be done about it, and a line to write in.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ConversationAnswer, ConversationPerson } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api, ApiError } from "../api.ts";
import { Action } from "../parts/action.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Failure, Waiting } from "../parts/notice.tsx";
import { useOlder } from "../parts/older.tsx";
import { State } from "../parts/state.tsx";
import { Row } from "../parts/timeline-row.tsx";
import { hrefOf } from "../route.ts";

/** Within so many pixels of the end, new rows keep the end in view. */
const NEAR_END_PX = 80;

/** The view of one. */
export function Conversation({ id }: { readonly id: number }) {
  const about = useAnswer(`conversation ${id}`, async (signal) => api.conversation(id, signal), [
    "message",
    "turn",
    "config",
  ]);
  return (
    <section class="two-wide conversation" aria-label="Conversation">
      <a class="back button quiet" href={hrefOf("conversations")}>
        ‹ All conversations
      </a>
      {about.error.value !== undefined && <Failure error={about.error.value} />}
      {about.value.value === undefined ? (
        about.error.value === undefined && <Waiting />
      ) : (
        <Head about={about.value.value} onDone={about.reload} />
      )}
      <Timeline id={id} />
      {about.value.value !== undefined && <Write id={id} cannotSend={about.value.value.cannotSend} />}
    </section>
  );
}

function Head({ about, onDone }: { readonly about: ConversationAnswer; readonly onDone: () => void }) {
  const { conversation, agent, session, people } = about;
  const { id, name, isRunning, isMuted, accountId } = conversation;
  const done = (run: () => Promise<unknown>) => async (): Promise<void> => {
    await run();
    onDone();
  };
  return (
    <header class="card stack">
      <div class="head">
        <h2 class="text">{name}</h2>
        <span class="row small">
          {isRunning && <State tone="good">working</State>}
          {isMuted && <State tone="plain">muted</State>}
        </span>
      </div>
      <p class="small muted text">
        Answered by {agent.name} ·{" "}
        {session === undefined ? "no session yet" : `${session.turns} turns in this session`} · {accountId}
      </p>
      <div class="row">
        {isRunning && (
          <Action kind="danger" run={done(async () => api.stopTurn(id))}>
            Stop
          </Action>
        )}
        <Confirm
          question="Begin a new session?"
          explanation="The agent forgets this conversation. Its messages stay here."
          verb="New session"
          run={done(async () => api.newSession(id))}
        >
          New session…
        </Confirm>
        <Action run={done(async () => api.mute(id, !isMuted))}>{isMuted ? "Unmute" : "Mute"}</Action>
      </div>
      <details>
        <summary>People ({people.length})</summary>
        <ul class="stack">
          {people.map((person) => (
            <li key={person.handle}>
              <Person conversation={id} person={person} onDone={onDone} />
            </li>
          ))}
        </ul>
      </details>
    </header>
  );
}

interface PersonProps {
  readonly conversation: number;
  readonly person: ConversationPerson;
  readonly onDone: () => void;
}

function Person({ conversation, person, onDone }: PersonProps) {
  const { handle, name, access } = person;
  const isAllowed = access === "allowed" || access === "paired" || access === "owner";
  return (
    <div class="row">
      <span class="text">{name === undefined ? handle : `${name} (${handle})`}</span>
      <State tone={isAllowed ? "good" : "plain"}>{access === "none" ? "not allowed" : access}</State>
      {access !== "owner" && !isAllowed && (
        <Action
          label={`Allow ${handle}`}
          run={async () => {
            await api.allow(conversation, handle);
            onDone();
          }}
        >
          Allow
        </Action>
      )}
      {access !== "owner" && isAllowed && (
        <Confirm
          question={`Block ${handle}?`}
          explanation="Their messages are no longer answered. They are not told."
          verb="Block"
          label={`Block ${handle}`}
          run={async () => {
            await api.block(conversation, handle);
            onDone();
          }}
        >
          Block…
        </Confirm>
      )}
    </div>
  );
}

function Timeline({ id }: { readonly id: number }) {
  const key = `timeline ${id}`;
  const newest = useAnswer(key, async (signal) => api.timeline(id, undefined, signal), [
    "message",
    "turn",
    "outbox",
  ]);
  const older = useOlder(key, newest.value.value, {
    read: async (before) => api.timeline(id, before),
    keyOf: ({ key: row }) => row,
    atOf: ({ atMs }) => atMs,
    label: "Show earlier messages",
  });
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const rows = older.items.toReversed();
  const last = rows.at(-1)?.key;
  useEffect(() => {
    const box = list.current;
    if (box !== null && isAtEnd.current) box.scrollTop = box.scrollHeight;
  }, [last, rows.length]);
  return (
    <div
      class="timeline"
      ref={list}
      role="log"
      aria-label="Messages"
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
      }}
    >
      {newest.error.value !== undefined && <Failure error={newest.error.value} />}
      {newest.value.value === undefined && newest.error.value === undefined && <Waiting />}
      {older.more}
      {rows.map((row) => (
        <Row key={row.key} row={row} />
      ))}
    </div>
  );
}

function Write({ id, cannotSend }: { readonly id: number; readonly cannotSend: string | undefined }) {
  const text = useSignal("");
  const isBusy = useSignal(false);
  const error = useSignal<ApiError | undefined>(undefined);
  if (cannotSend !== undefined) return <p class="notice">{cannotSend}</p>;
  const send = async (): Promise<void> => {
    const written = text.value.trim();
    if (written === "" || isBusy.value) return;
    isBusy.value = true;
    error.value = undefined;
    try {
      await api.write(id, written);
      text.value = "";
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      error.value = cause;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form
      class="write"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        class="field"
        rows={2}
        maxLength={20_000}
        aria-label="Write as yourself"
        placeholder="Write as yourself"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) void send();
        }}
      />
      <button type="submit" class="button" data-kind="main" aria-disabled={isBusy.value}>
        Send
      </button>
      {error.value !== undefined && <Failure error={error.value} />}
    </form>
  );
}
