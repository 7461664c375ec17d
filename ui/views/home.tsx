// Home: is everything well, what waits for the owner, how was the last day.
import type { HomeAnswer } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { AccountCard } from "../parts/account-card.tsx";
import { DayStrip } from "../parts/day-strip.tsx";
import { Doctor } from "../parts/doctor.tsx";
import { Empty, Failure, Waiting } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { hrefOf } from "../route.ts";
import { waiting } from "../live.ts";

/** The view. */
export function HomeView() {
  const home = useAnswer("home", api.home, ["message", "turn", "outbox", "account", "config"]);
  const { value: answer } = home.value;
  return (
    <div class="stack wide-stack">
      <h1>Home</h1>
      {home.error.value !== undefined && <Failure error={home.error.value} />}
      {answer !== undefined && <Home home={answer} />}
      {answer === undefined && home.error.value === undefined && <Waiting />}
    </div>
  );
}

/** What it shows. */
export function Home({ home }: { readonly home: HomeAnswer }) {
  const { status, strip, agents } = home;
  return (
    <>
      <Headline status={status} />
      <section class="stack" aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        {status.accounts.length === 0 ? (
          <Empty title="No account yet">
            Run <code>coderclaw onboard</code> on the gateway's machine.
          </Empty>
        ) : (
          <div class="accounts">
            {status.accounts.map((account) => (
              <AccountCard key={account.id} account={account} />
            ))}
          </div>
        )}
      </section>
      <section class="card stack" aria-labelledby="day">
        <h2 id="day">The last 24 hours</h2>
        <DayStrip strip={strip} />
      </section>
      <section class="card stack" aria-labelledby="agents">
        <div class="head">
          <h2 id="agents">Agents</h2>
          <a href={hrefOf("agents")} class="small target">
            All about them
          </a>
        </div>
        <ul class="stack">
          {agents.map((agent) => (
            <li key={agent.id} class="row">
              <strong class="text">{agent.name}</strong>
              <span class="muted">{agent.runtime}</span>
              {agent.isDefault && <State tone="plain">default</State>}
              {agent.running > 0 && (
                <State tone="good">{agent.running === 1 ? "working" : `${agent.running} at work`}</State>
              )}
            </li>
          ))}
        </ul>
      </section>
      <Doctor />
    </>
  );
}

/** One line: well, or what needs somebody. */
function Headline({ status }: { readonly status: HomeAnswer["status"] }) {
  const configError = status.gateway.running ? status.gateway.configError : undefined;
  const warnings = [
    ...(configError === undefined ? [] : [{ ...configError, isBroken: true as const }]),
    ...status.accounts.flatMap((account) => account.warnings),
    ...status.warnings,
  ].filter(({ isAsked }) => isAsked !== true);
  const broken = warnings.filter(({ isBroken }) => isBroken === true);
  const count = waiting.value;
  return (
    <section class="headline" aria-label="At a glance">
      <p class="row">
        {broken.length > 0 ? (
          <State tone="bad">
            {broken.length === 1 ? "Something does not work" : `${broken.length} things do not work`}
          </State>
        ) : warnings.length > 0 ? (
          <State tone="warn">
            {warnings.length === 1 ? "Works, with a warning" : `Works, with ${warnings.length} warnings`}
          </State>
        ) : (
          <State tone="good">Everything is well</State>
        )}
        {count > 0 && (
          <a class="target" href={hrefOf("inbox")}>
            {count === 1 ? "1 thing waits for you" : `${count} things wait for you`}
          </a>
        )}
      </p>
      {broken.map(({ message, hint }) => (
        <div key={message} class="notice" data-tone="bad">
          <p class="text">{message}</p>
          <p class="small text">{hint}</p>
        </div>
      ))}
      {warnings.length > broken.length && (
        <p class="small">
          <a class="target" href={hrefOf("inbox")}>
            Read the {warnings.length - broken.length === 1 ? "warning" : "warnings"} in the inbox
          </a>
        </p>
      )}
    </section>
  );
}
