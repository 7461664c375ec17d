// A button that asks the gateway to do something: busy while it does, and what came of it is said beside it.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { ApiError } from "../api.ts";
import { Failure } from "./notice.tsx";

interface ActionProps {
  /** Contract: what it rejects with is shown. */
  readonly run: () => Promise<unknown>;
  readonly kind?: "main" | "danger";
  /** Told to people who cannot see what stands around it. */
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** The button. */
export function Action({ run, kind, label, children }: ActionProps) {
  const isBusy = useSignal(false);
  const error = useSignal<ApiError | undefined>(undefined);
  const press = async (): Promise<void> => {
    if (isBusy.value) return;
    isBusy.value = true;
    error.value = undefined;
    try {
      await run();
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      error.value = cause;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <>
      <button
        type="button"
        class="button"
        data-kind={kind}
        aria-label={label}
        aria-disabled={isBusy.value}
        onClick={() => void press()}
      >
        {children}
      </button>
      {error.value !== undefined && <Failure error={error.value} />}
    </>
  );
}
