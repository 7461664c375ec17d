// Agents: what answers, what it is doing right now, and what it remembers.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AgentItem, AgentSessionItem, RunningTurn, TryAnswer } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { Action } from "../parts/action.tsx";
import { Ago } from "../parts/ago.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Empty, Failure, Waiting } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { hrefOf } from "../route.ts";

/** While an agent writes, its words are read again this often; nothing tells of each of them. */
const LIVE_MS = 1500;

/** The view. */
export function AgentsView() {
  const answer = useAnswer("agents", api.agents, ["turn", "config"]);
  const agents = answer.value.value?.agents;
  const isRunning = agents?.some(({ running }) => running.length > 0) ?? false;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(answer.reload, LIVE_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  return (
    <div class="stack">
      <h1>Agents</h1>
      {answer.error.value !== undefined && <Failure error={answer.error.value} />}
      {agents === undefined && answer.error.value === undefined && <Waiting />}
      {agents?.length === 0 && (
        <Empty title="No agent yet">
          Add one on the gateway's machine: <code>coderclaw agents add claude</code>
        </Empty>
      )}
      {agents?.map((agent) => (
        <Agent key={agent.id} agent={agent} onDone={answer.reload} />
      ))}
    </div>
  );
}

function Agent({ agent, onDone }: { readonly agent: AgentItem; readonly onDone: () => void }) {
  const { id, name, runtime, runs, workspace, isDefault, isThere, running, sessions, moreSessions } = agent;
  return (
    <section class="card stack" aria-label={`Agent ${name}`}>
      <div class="head">
        <h2 class="text">{name}</h2>
        <span class="row small">
          {isDefault && <State tone="good">default</State>}
          {!isThere && <State tone="bad">program missing</State>}
          {running.length > 0 && <State tone="good">{running.length} running</State>}
        </span>
      </div>
      <p class="small muted text">
        {id} · {runtime}
        {runs !== "" && ` · ${runs}`} · works in {workspace}
      </p>
      {running.map((turn) => (
        <Running key={turn.turnId} turn={turn} />
      ))}
      <Trial id={id} />
      <details>
        <summary>
          Sessions ({moreSessions === undefined ? sessions.length : `newest ${sessions.length}`})
        </summary>
        <ul class="stack">
          {sessions.map((session) => (
            <li key={session.key}>
              <Session agent={id} session={session} onDone={onDone} />
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function Running({ turn }: { readonly turn: RunningTurn }) {
  const { conversationId, startedAtMs, attempt, output, outputChars } = turn;
  return (
    <div class="stack">
      <p class="small">
        Working since <Ago atMs={startedAtMs} /> {attempt > 1 && `(attempt ${attempt}) `}on{" "}
        <a href={hrefOf("conversations", conversationId)}>this conversation</a>
      </p>
      {output !== "" && (
        <pre class="detail" tabIndex={0} aria-label="What it has written so far">
          {outputChars > output.length && "… "}
          {output}
        </pre>
      )}
    </div>
  );
}

function Trial({ id }: { readonly id: string }) {
  const text = useSignal("Answer with one short sentence; use no tools.");
  const result = useSignal<TryAnswer | undefined>(undefined);
  return (
    <details>
      <summary>Try it</summary>
      <div class="stack">
        <label class="stack">
          <span class="small">
            It is asked this once, outside every conversation; whatever it asks for is denied.
          </span>
          <input
            class="field"
            maxLength={2000}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        <div class="row">
          <Action run={async () => (result.value = await api.tryAgent(id, text.value))}>Ask</Action>
        </div>
        {result.value !== undefined && (
          <div class="notice" data-tone={result.value.ok ? "plain" : "bad"} role="status">
            <p class="text">{result.value.text}</p>
            <p class="small muted">{(result.value.tookMs / 1000).toFixed(1)} s</p>
          </div>
        )}
      </div>
    </details>
  );
}

interface SessionProps {
  readonly agent: string;
  readonly session: AgentSessionItem;
  readonly onDone: () => void;
}

function Session({ agent, session, onDone }: SessionProps) {
  const { key, turns, createdAtMs, lastTurnAtMs, mode, model, modes, models } = session;
  const choose =
    (what: "mode" | "model") =>
    async (choice: string): Promise<void> => {
      await api.choose(agent, { key, what, ...(choice !== "" && { choice }) });
      onDone();
    };
  return (
    <div class="stack session">
      <p class="text">
        <code>{key}</code>
      </p>
      <p class="small muted">
        {turns === 1 ? "1 turn" : `${turns} turns`}, begun <Ago atMs={createdAtMs} />
        {lastTurnAtMs !== undefined && (
          <>
            , last <Ago atMs={lastTurnAtMs} />
          </>
        )}
      </p>
      <div class="row">
        <Chooser name="Mode" of={key} value={mode} options={modes} choose={choose("mode")} />
        <Chooser name="Model" of={key} value={model} options={models} choose={choose("model")} />
        <a
          class="button"
          href={api.exportAddress(agent, key, "markdown")}
          download
          aria-label={`Export ${key}`}
        >
          Export
        </a>
        <Confirm
          question="Forget this session?"
          explanation="The agent begins again at the next message. The messages themselves stay."
          verb="Forget it"
          label={`Forget ${key}`}
          run={async () => {
            await api.resetSession(agent, key);
            onDone();
          }}
        >
          Forget…
        </Confirm>
      </div>
    </div>
  );
}

interface ChooserProps {
  readonly name: string;
  readonly of: string;
  readonly value: string | undefined;
  readonly options: readonly { readonly id: string; readonly name: string }[];
  readonly choose: (choice: string) => Promise<void>;
}

function Chooser({ name, of, value, options, choose }: ChooserProps) {
  const error = useSignal<{ message: string; hint: string } | undefined>(undefined);
  if (options.length === 0) return null;
  return (
    <label class="row small">
      {name}
      <select
        class="field"
        aria-label={`${name} of ${of}`}
        value={value ?? ""}
        onChange={(event) =>
          void choose(event.currentTarget.value).catch(
            (cause: { message: string; hint: string }) => (error.value = cause),
          )
        }
      >
        <option value="">as the agent decides</option>
        {options.map(({ id, name: label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      {error.value !== undefined && <Failure error={error.value} />}
    </label>
  );
}
