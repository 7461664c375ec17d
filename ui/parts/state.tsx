// A state in one word, told by colour and by shape.
import type { ComponentChildren } from "preact";

export type Tone = "good" | "warn" | "bad" | "plain";

/** The word on its ground. */
export function State({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class="state" data-tone={tone}>
      {children}
    </span>
  );
}
