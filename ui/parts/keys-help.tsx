// The list of single keys, and the switch that turns them off.
import { keysAct, keysShown, setKeysAct, VIEW_KEYS } from "../keys.ts";
import { Dialog } from "./dialog.tsx";

/** The dialog while it is asked for. */
export function KeysHelp() {
  if (!keysShown.value) return null;
  return (
    <Dialog title="Keys" onClose={() => (keysShown.value = false)}>
      <dl class="keys">
        {Object.entries(VIEW_KEYS).map(([key, view]) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>go to {view}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>search</dd>
        </div>
        <div>
          <dt>
            <kbd>j</kbd> <kbd>k</kbd>
          </dt>
          <dd>next and previous in the inbox</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>this list</dd>
        </div>
      </dl>
      <label class="row">
        <input
          type="checkbox"
          class="check"
          checked={keysAct.value}
          onChange={(event) => setKeysAct(event.currentTarget.checked)}
        />
        Single keys are on
      </label>
    </Dialog>
  );
}
