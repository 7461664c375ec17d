// Activity: who allowed what, changes of the config, sign-ins, failures; with a filter and a file to save.
import { useSignal } from "@preact/signals";
import type { ActivityItem, ActivityKind } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Waiting } from "../parts/notice.tsx";
import { useOlder } from "../parts/older.tsx";
import { State, type Tone } from "../parts/state.tsx";
import { hrefOf } from "../route.ts";

const KINDS: Readonly<Record<ActivityKind, readonly [word: string, tone: Tone]>> = {
  pairing: ["Access", "plain"],
  approval: ["Approvals", "plain"],
  config: ["Config", "plain"],
  "sign-in": ["Sign-ins", "plain"],
  outbox: ["Sending", "plain"],
  session: ["Sessions", "plain"],
  failure: ["Failures", "bad"],
};

/** The view. */
export function ActivityView() {
  const kind = useSignal<ActivityKind | undefined>(undefined);
  const asked = kind.value;
  const key = `activity ${asked ?? ""}`;
  const first = useAnswer(
    key,
    async (signal) => api.activity({ ...(asked !== undefined && { kind: asked }) }, signal),
    ["message", "turn", "outbox", "config", "account"],
  );
  const older = useOlder(key, first.value.value, {
    read: async (before) => api.activity({ before, ...(asked !== undefined && { kind: asked }) }),
    keyOf: ({ id }) => id,
    atOf: ({ atMs }) => atMs,
  });
  return (
    <div class="stack">
      <div class="head">
        <h1>Activity</h1>
        <div class="row">
          <label class="row">
            <span class="hidden">Show</span>
            <select
              class="field"
              aria-label="Show"
              onChange={(event) => (kind.value = readKind(event.currentTarget.value))}
            >
              <option value="">Everything</option>
              {Object.entries(KINDS).map(([value, [word]]) => (
                <option key={value} value={value}>
                  {word}
                </option>
              ))}
            </select>
          </label>
          <a class="button" href={api.activityAddress(asked)} download>
            Export
          </a>
        </div>
      </div>
      {first.error.value !== undefined && <Failure error={first.error.value} />}
      {first.value.value === undefined && first.error.value === undefined && <Waiting />}
      {first.value.value !== undefined && older.items.length === 0 && (
        <Empty title="Nothing yet">
          Decisions about people and agents, changes of the config and failures show up here.
        </Empty>
      )}
      <ul class="stack">
        {older.items.map((item) => (
          <li key={item.id}>
            <Item item={item} />
          </li>
        ))}
      </ul>
      {older.more}
    </div>
  );
}

function readKind(value: string): ActivityKind | undefined {
  return value in KINDS ? (value as ActivityKind) : undefined;
}

function Item({ item }: { readonly item: ActivityItem }) {
  const { kind, atMs, actor, text, conversationId, accountId } = item;
  const [word, tone] = KINDS[kind];
  return (
    <div class="activity">
      <State tone={tone}>{word}</State>
      <p class="text">{text}</p>
      <p class="small muted text">
        <Ago atMs={atMs} /> · {actor}
        {accountId !== undefined && ` · ${accountId}`}
        {conversationId !== undefined && (
          <>
            {" "}
            · <a href={hrefOf("conversations", conversationId)}>conversation</a>
          </>
        )}
      </p>
    </div>
  );
}
