// A text that may have been clipped on its way here, with how much of it is missing.

/** The text. */
export function Clipped({ text, chars }: { readonly text: string; readonly chars: number }) {
  const missing = chars - text.length;
  return (
    <>
      {text}
      {missing > 0 && <span class="muted"> … {missing.toLocaleString()} more characters</span>}
    </>
  );
}

const UNITS = ["B", "KB", "MB", "GB"] as const;

/** `812 B`, `4.2 MB`. */
export function renderBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
