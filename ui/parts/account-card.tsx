// One account: reading, watching, sending, each with why not; what waits; when the last message came and went.
import type { HomeAnswer } from "../../src/server/api.ts";
import { Ago } from "./ago.tsx";
import { State, type Tone } from "./state.tsx";

type Account = HomeAnswer["status"]["accounts"][number];

/** The card. */
export function AccountCard({ account }: { readonly account: Account }) {
  const { health, figures } = account;
  return (
    <article class="card" aria-label={`Account ${account.name}`}>
      <div class="head">
        <h3 class="line">{account.name}</h3>
        <span class="small muted line">{account.transport?.reach}</span>
      </div>
      {health === undefined ? (
        <p class="verdicts">
          <State tone={account.state === "disabled" ? "plain" : "bad"}>{account.state}</State>
        </p>
      ) : (
        <dl class="verdicts">
          <Verdict
            name="Reading"
            tone={toneOf(health.reading.state)}
            word={health.reading.state}
            why={health.reading.reason}
          />
          <Verdict
            name="Watching"
            tone={health.watching.ok ? "good" : "warn"}
            word={health.watching.ok ? "watching" : "not watching"}
            why={health.watching.reason}
          />
          <Verdict
            name="Sending"
            tone={toneOf(health.sending.state)}
            word={health.sending.state}
            why={health.sending.reason}
          />
        </dl>
      )}
      {figures !== undefined && (
        <dl class="figures">
          <Figure name="Last in">
            {figures.lastReceivedAtMs ? <Ago atMs={figures.lastReceivedAtMs} /> : "–"}
          </Figure>
          <Figure name="Last out">{figures.lastSentAtMs ? <Ago atMs={figures.lastSentAtMs} /> : "–"}</Figure>
          <Figure name="Waiting">{figures.waiting}</Figure>
          <Figure name="Running">{figures.running}</Figure>
          <Figure name="To send">{figures.queued}</Figure>
          <Figure name="Parked">{figures.parked}</Figure>
        </dl>
      )}
    </article>
  );
}

function toneOf(state: string): Tone {
  return state === "ready" ? "good" : state === "starting" ? "plain" : "bad";
}

interface VerdictProps {
  readonly name: string;
  readonly tone: Tone;
  readonly word: string;
  readonly why: string | undefined;
}

function Verdict({ name, tone, word, why }: VerdictProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <State tone={tone}>{word}</State>
        {why !== undefined && <p class="small text">{why}</p>}
      </dd>
    </div>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
