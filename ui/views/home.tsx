// Home: is everything well, what waits for the owner, how was the last day.
import type { HomeAnswer } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { AccountCard } from "../parts/account-card.tsx";
import { DayStrip } from "../parts/day-strip.tsx";
import { Failure, Waiting } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";

/** The view. */
export function HomeView() {
  const home = useAnswer("home", api.home, ["message", "turn", "outbox", "account", "config"]);
  return (
    <div class="stack">
      <h1>Home</h1>
      {home.error.value !== undefined && <Failure error={home.error.value} />}
      {home.value.value === undefined ? (
        home.error.value === undefined && <Waiting />
      ) : (
        <Home home={home.value.value} />
      )}
    </div>
  );
}

/** What it shows. */
export function Home({ home }: { readonly home: HomeAnswer }) {
  const { status, strip, agents } = home;
  return (
    <>
      <section class="stack" aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        <div class="accounts">
          {status.accounts.map((account) => (
            <AccountCard key={account.id} account={account} />
          ))}
        </div>
      </section>
      <section class="card stack" aria-labelledby="day">
        <h2 id="day">The last 24 hours</h2>
        <DayStrip strip={strip} />
      </section>
      <section class="card stack" aria-labelledby="agents">
        <h2 id="agents">Agents</h2>
        <ul class="stack">
          {agents.map((agent) => (
            <li key={agent.id} class="row">
              <strong>{agent.name}</strong>
              <span class="muted">{agent.runtime}</span>
              {agent.isDefault && <State tone="plain">default</State>}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
