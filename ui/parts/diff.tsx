// Lines of a change: added, removed, unchanged; told by a mark as well as by colour.
import type { DiffLine } from "../../src/server/api.ts";

const MARKS = { same: " ", added: "+", removed: "−", gap: "⋯" } as const;

/** The lines. */
export function Diff({ lines }: { readonly lines: readonly DiffLine[] }) {
  return (
    <pre class="diff" tabIndex={0} aria-label="Changed lines">
      {lines.map(({ kind, text }, at) => (
        <span key={at} data-kind={kind}>{`${MARKS[kind]} ${text}\n`}</span>
      ))}
    </pre>
  );
}

/** A text with the marks of a diff, as agents show edits; any other text is shown as it is. */
export function Detail({ text }: { readonly text: string }) {
  const lines = text.split("\n");
  const isDiff = lines.some(
    (line) => line.startsWith("+ ") || line.startsWith("- ") || line.startsWith("@@"),
  );
  if (!isDiff)
    return (
      <pre class="detail" tabIndex={0}>
        {text}
      </pre>
    );
  return (
    <pre class="diff" tabIndex={0} aria-label="Changed lines">
      {lines.map((line, at) => (
        <span
          key={at}
          data-kind={line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same"}
        >{`${line}\n`}</span>
      ))}
    </pre>
  );
}
