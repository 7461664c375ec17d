// The doctor's list: everything that is wrong with its fix, and a button for each repair that can be done from here.
import { useSignal } from "@preact/signals";
import type { DoctorAnswer } from "../../src/server/api.ts";
import { api } from "../api.ts";
import { Action } from "./action.tsx";
import { State } from "./state.tsx";

/** The section; nothing is asked before somebody wants to know. */
export function Doctor() {
  const found = useSignal<DoctorAnswer | undefined>(undefined);
  const done = useSignal<string | undefined>(undefined);
  const look = async (): Promise<void> => {
    found.value = await api.doctor();
  };
  const { value } = found;
  return (
    <section class="card stack" aria-labelledby="doctor">
      <h2 id="doctor">Doctor</h2>
      <p class="muted">
        Checks the configuration, the agents and every account's <code>imsg</code>, as{" "}
        <code>coderclaw doctor</code> does.
      </p>
      <div class="row">
        <Action run={look}>{value === undefined ? "Check everything" : "Check again"}</Action>
      </div>
      <div role="status" class="stack">
        {done.value !== undefined && <p class="text">{done.value}.</p>}
        {value?.findings.length === 0 && value.repairs.length === 0 && (
          <State tone="good">Nothing is wrong</State>
        )}
      </div>
      {value !== undefined && value.findings.length > 0 && (
        <ul class="stack">
          {value.findings.map(({ severity, where, message, fix }, at) => (
            <li key={at} class="notice" data-tone={severity === "broken" ? "bad" : "warn"}>
              <p class="text">
                {where === undefined ? "" : `${where}: `}
                {message}
              </p>
              <p class="small text">{fix}</p>
            </li>
          ))}
        </ul>
      )}
      {value !== undefined && value.repairs.length > 0 && (
        <ul class="stack">
          {value.repairs.map(({ id, problem, change }) => (
            <li key={id} class="notice stack">
              <p class="text">{problem}</p>
              <pre class="detail">{change}</pre>
              <div class="row">
                <Action
                  kind="main"
                  label={`Repair: ${problem}`}
                  run={async () => {
                    done.value = (await api.repair(id)).done;
                    await look();
                  }}
                >
                  Repair
                </Action>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
