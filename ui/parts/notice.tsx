// What went wrong, what is empty, what is being waited for: each says what to do next.
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api.ts";

/** A failure, with its remedy. */
export function Failure({ error }: { readonly error: Pick<ApiError, "message" | "hint"> }) {
  return (
    <div class="notice" data-tone="bad" role="alert">
      <p class="text">{error.message}</p>
      <p class="small text">{error.hint}</p>
    </div>
  );
}

/** Nothing is here, and what would bring something. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty stack">
      <h2>{title}</h2>
      <div>{children}</div>
    </div>
  );
}

/** The first answer is on its way. */
export function Waiting() {
  return (
    <p class="muted" role="status">
      Loading…
    </p>
  );
}
