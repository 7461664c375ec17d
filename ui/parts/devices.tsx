// Devices: the browsers that are signed in, each with its last use; any of them can be signed out here.
import { useSignal } from "@preact/signals";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { leave } from "../session.ts";
import { Action } from "./action.tsx";
import { Ago } from "./ago.tsx";
import { Dialog } from "./dialog.tsx";
import { Icon } from "./icon.tsx";
import { Failure, Waiting } from "./notice.tsx";
import { State } from "./state.tsx";

/** The entry of the navigation, and what it opens. */
export function Devices() {
  const isOpen = useSignal(false);
  return (
    <>
      <button type="button" class="nav-link" onClick={() => (isOpen.value = true)}>
        <Icon name="devices" />
        <span class="wide">Devices</span>
        <span class="narrow">Devices</span>
      </button>
      {isOpen.value && <List onClose={() => (isOpen.value = false)} />}
    </>
  );
}

function List({ onClose }: { readonly onClose: () => void }) {
  const answer = useAnswer("sessions", api.sessions, ["everything"]);
  const known = answer.value.value;
  return (
    <Dialog title="Signed-in devices" onClose={onClose}>
      {answer.error.value !== undefined && <Failure error={answer.error.value} />}
      {known === undefined && answer.error.value === undefined && <Waiting />}
      <ul class="stack">
        {known?.sessions.map(({ id, device, lastUsedAtMs }) => (
          <li key={id} class="row">
            <span class="text">{device}</span>
            <span class="small muted">
              used <Ago atMs={lastUsedAtMs} />
            </span>
            {id === known.current ? (
              <State tone="good">this one</State>
            ) : (
              <Action
                label={`Sign out ${device}`}
                run={async () => {
                  await api.revokeSession(id);
                  answer.reload();
                }}
              >
                Sign out
              </Action>
            )}
          </li>
        ))}
      </ul>
      <p class="small muted">
        Another device signs in with a new link: <code>coderclaw page</code>, or text <code>/page</code>.
      </p>
      <div class="row">
        <Action kind="danger" run={leave}>
          Sign out here
        </Action>
      </div>
    </Dialog>
  );
}
