// One account: reading, watching, sending, each with since when and why not; what waits; when the last message came and went.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { HomeAnswer, ProbeAnswer } from "../../src/server/api.ts";
import { api } from "../api.ts";
import { Action } from "./action.tsx";
import { Ago } from "./ago.tsx";
import { Confirm } from "./confirm.tsx";
import { State, type Tone } from "./state.tsx";

type Account = HomeAnswer["status"]["accounts"][number];

/** The card. */
export function AccountCard({ account }: { readonly account: Account }) {
  const { id, name, health, since, figures, state, transport } = account;
  return (
    <article class="card" aria-label={`Account ${name}`}>
      <div class="head">
        <h3 class="text">{name}</h3>
        <span class="small muted text">{transport?.reach}</span>
      </div>
      {health === undefined ? (
        <p class="verdicts">
          <State tone={state === "disabled" ? "plain" : "bad"}>{state}</State>
        </p>
      ) : (
        <dl class="verdicts">
          <Verdict name="Reading" {...childWords(health.reading)} since={since?.reading} />
          <Verdict
            name="Watching"
            tone={health.watching.ok ? "good" : "warn"}
            word={health.watching.ok ? "watching" : "not watching"}
            why={health.watching.reason}
            since={since?.watching}
          />
          <Verdict name="Sending" {...childWords(health.sending)} since={since?.sending} />
        </dl>
      )}
      {figures !== undefined && (
        <dl class="figures">
          <Figure name="Last in">{moment(figures.lastReceivedAtMs)}</Figure>
          <Figure name="Last out">{moment(figures.lastSentAtMs)}</Figure>
          <Figure name="Waiting">{figures.waiting}</Figure>
          <Figure name="Running">{figures.running}</Figure>
          <Figure name="To send">{figures.queued}</Figure>
          <Figure name="Parked">{figures.parked}</Figure>
        </dl>
      )}
      {state !== "disabled" && <Actions id={id} name={name} />}
    </article>
  );
}

function Actions({ id, name }: { readonly id: string; readonly name: string }) {
  const probe = useSignal<ProbeAnswer["probes"][number] | undefined>(undefined);
  const done = useSignal<string | undefined>(undefined);
  const verdicts = probe.value?.verdicts ?? [];
  return (
    <div class="stack actions">
      <div class="row">
        <Action
          label={`Check account ${name}`}
          run={async () => {
            probe.value = (await api.probe(id)).probes[0];
          }}
        >
          Check
        </Action>
        <Confirm
          question={`Restart account ${name}?`}
          explanation="Its imsg is ended and started again. No message is lost, and none is answered twice."
          verb="Restart"
          label={`Restart account ${name}`}
          run={async () => {
            done.value = (await api.restartAccount(id)).done;
          }}
        >
          Restart…
        </Confirm>
      </div>
      <div role="status">
        {done.value !== undefined && <p class="small text">{done.value}.</p>}
        {verdicts.length > 0 && (
          <ul class="steps small">
            {verdicts.map(({ check, ok, detail, fix }) => (
              <li key={check}>
                <State tone={ok ? "good" : "bad"}>{check}</State> <span class="text">{detail}</span>
                {fix !== undefined && <p class="text">{fix}</p>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

type Child = NonNullable<Account["health"]>["reading"];

function childWords({ state, reason }: Child): { tone: Tone; word: string; why: string | undefined } {
  const tone = state === "ready" ? "good" : state === "starting" && reason === undefined ? "plain" : "bad";
  return { tone, word: state, why: reason };
}

function moment(atMs: number | undefined): ComponentChildren {
  return atMs === undefined ? "–" : <Ago atMs={atMs} />;
}

interface VerdictProps {
  readonly name: string;
  readonly tone: Tone;
  readonly word: string;
  readonly why: string | undefined;
  readonly since: number | undefined;
}

function Verdict({ name, tone, word, why, since }: VerdictProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <State tone={tone}>{word}</State>{" "}
        {since !== undefined && (
          <span class="small muted">
            since <Ago atMs={since} />
          </span>
        )}
        {why !== undefined && <p class="small text">{why}</p>}
      </dd>
    </div>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
