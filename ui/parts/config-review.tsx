// A change of the config before it is made: its diff, what is wrong with it, and the button that makes it.
import type { ConfigEdit } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { Action } from "./action.tsx";
import { Dialog } from "./dialog.tsx";
import { Diff } from "./diff.tsx";
import { Failure, Waiting } from "./notice.tsx";

/** Changes of keys, or the change before taken back. */
export type Wanted = { readonly edits: readonly ConfigEdit[] } | { readonly undo: true };

interface ReviewProps {
  /** The text that the change was made for. */
  readonly version: string;
  readonly wanted: Wanted;
  readonly onClose: () => void;
  readonly onMade: () => void;
}

/** The dialog. */
export function Review({ version, wanted, onClose, onMade }: ReviewProps) {
  const preview = useAnswer(
    JSON.stringify([version, wanted]),
    async () => api.previewConfig(version, wanted),
    [],
  );
  const shown = preview.value.value;
  return (
    <Dialog title={"undo" in wanted ? "Undo the last change?" : "Make this change?"} onClose={onClose}>
      {preview.error.value !== undefined && <Failure error={preview.error.value} />}
      {shown === undefined && preview.error.value === undefined && <Waiting />}
      {shown !== undefined && (
        <>
          {shown.problems.map((problem, at) => (
            <Failure key={at} error={problem} />
          ))}
          {shown.warnings.map(({ path, message, hint }, at) => (
            <div key={at} class="notice">
              <p class="text">
                {path}: {message}
              </p>
              <p class="small text">{hint}</p>
            </div>
          ))}
          {shown.diff.length === 0 ? <p>Nothing would be different.</p> : <Diff lines={shown.diff} />}
          {shown.problems.length === 0 && shown.diff.length > 0 && (
            <div class="row">
              <Action
                kind="main"
                run={async () => {
                  await api.changeConfig(version, wanted);
                  onMade();
                }}
              >
                Make the change
              </Action>
            </div>
          )}
        </>
      )}
    </Dialog>
  );
}
