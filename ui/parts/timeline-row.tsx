// One row of a conversation: a message with its verdict, a turn, an answer with its delivery, a question and its decision.
import type {
  ApprovalRow,
  MessageRow,
  PartRow,
  TimelineRow,
  TurnRow,
  Verdict,
} from "../../src/server/api.ts";
import { Ago } from "./ago.tsx";
import { Clipped, renderBytes } from "./clipped.tsx";
import { State, type Tone } from "./state.tsx";
import { Why } from "./why.tsx";

/** The row. */
export function Row({ row }: { readonly row: TimelineRow }) {
  switch (row.kind) {
    case "message":
      return <Message row={row} />;
    case "turn":
      return <Turn row={row} />;
    case "part":
      return <Part row={row} />;
    case "approval":
      return <Approval row={row} />;
  }
}

function Message({ row }: { readonly row: MessageRow }) {
  const { from, fromName, text, textChars, files, reaction, verdict, guid, atMs } = row;
  const who = fromName ?? from ?? "You, on another device";
  return (
    <article
      class="bubble"
      data-side={from === undefined ? "mine" : "theirs"}
      aria-label={`Message from ${who}`}
    >
      <p class="small muted line">
        {who} · <Ago atMs={atMs} />
      </p>
      {reaction !== undefined && <p>Reacted with {reaction}</p>}
      {text !== "" && (
        <p class="text">
          <Clipped text={text} chars={textChars} />
        </p>
      )}
      {files.length > 0 && (
        <ul class="small">
          {files.map(({ name, mimeType, bytes, missing }, at) => (
            <li key={at} class="text">
              {name} ({mimeType}, {missing ? "missing" : renderBytes(bytes)})
            </li>
          ))}
        </ul>
      )}
      <p class="row small">
        {verdict !== undefined && <VerdictState verdict={verdict} />}
        <Why guid={guid} about={text.slice(0, 60)} />
      </p>
    </article>
  );
}

const OUTCOMES: Readonly<Record<Verdict["outcome"], readonly [word: string, tone: Tone]>> = {
  turn: ["given to the agent", "good"],
  command: ["command", "good"],
  answer: ["answer to a question", "good"],
  hold: ["held", "warn"],
  remember: ["kept as context", "plain"],
  ignore: ["refused", "warn"],
};

function VerdictState({ verdict }: { readonly verdict: Verdict }) {
  const [word, tone] = OUTCOMES[verdict.outcome];
  return (
    <>
      <State tone={tone}>{word}</State>
      {verdict.because !== undefined && <span class="text muted">{verdict.because}</span>}
    </>
  );
}

const TURNS: Readonly<Record<TurnRow["state"], readonly [word: string, tone: Tone]>> = {
  running: ["working", "good"],
  answered: ["answered", "plain"],
  failed: ["failed", "bad"],
  stopped: ["stopped", "warn"],
};

function Turn({ row }: { readonly row: TurnRow }) {
  const { agentId, state, attempts, atMs, finishedAtMs, failure } = row;
  const [word, tone] = TURNS[state];
  const took = finishedAtMs === undefined ? undefined : ((finishedAtMs - atMs) / 1000).toFixed(1);
  return (
    <p class="event small">
      <State tone={tone}>{word}</State>
      <span>
        {agentId}
        {took !== undefined && ` in ${took} s`}
        {attempts > 1 && `, attempt ${attempts}`}
      </span>
      {failure !== undefined && <span class="text">{failure}</span>}
    </p>
  );
}

const PARTS: Readonly<Record<PartRow["state"], readonly [word: string, tone: Tone]>> = {
  queued: ["waits to be sent", "plain"],
  sending: ["sending", "plain"],
  sent: ["sent", "plain"],
  unknown: ["looking whether it was sent", "warn"],
  parked: ["not sent", "bad"],
  dropped: ["dropped", "warn"],
};

function Part({ row }: { readonly row: PartRow }) {
  const { text, textChars, file, state, reason, attempts, atMs, sentAtMs } = row;
  const [word, tone] = PARTS[state];
  return (
    <article class="bubble" data-side="mine" aria-label="Message from CoderClaw">
      <p class="text">
        {file === undefined ? (
          <Clipped text={text} chars={textChars} />
        ) : (
          `${file.name} (${renderBytes(file.bytes)})`
        )}
      </p>
      <p class="row small">
        <Ago atMs={sentAtMs ?? atMs} />
        <State tone={tone}>{word}</State>
        {attempts > 1 && <span>tried {attempts} times</span>}
        {reason !== undefined && state !== "sent" && <span class="text">{reason}</span>}
      </p>
    </article>
  );
}

function Approval({ row }: { readonly row: ApprovalRow }) {
  const { agentId, title, decision, isPending } = row;
  return (
    <p class="event small">
      <State tone={isPending ? "warn" : "plain"}>{isPending ? "waits for you" : "question"}</State>
      <span class="text">
        {agentId}: {title}. {decision}
      </span>
    </p>
  );
}
