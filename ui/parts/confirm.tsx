// A button whose press is asked about first: for what cannot be taken back.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Action } from "./action.tsx";
import { Dialog } from "./dialog.tsx";

interface ConfirmProps {
  readonly question: string;
  /** What happens, and what does not. */
  readonly explanation: string;
  /** The button that does it. */
  readonly verb: string;
  readonly run: () => Promise<unknown>;
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** The button, and its question. */
export function Confirm({ question, explanation, verb, run, label, children }: ConfirmProps) {
  const isOpen = useSignal(false);
  const close = (): void => {
    isOpen.value = false;
  };
  return (
    <>
      <button
        type="button"
        class="button"
        data-kind="danger"
        aria-label={label}
        onClick={() => (isOpen.value = true)}
      >
        {children}
      </button>
      {isOpen.value && (
        <Dialog title={question} onClose={close}>
          <p>{explanation}</p>
          <div class="row">
            <Action
              kind="danger"
              run={async () => {
                await run();
                close();
              }}
            >
              {verb}
            </Action>
          </div>
        </Dialog>
      )}
    </>
  );
}
