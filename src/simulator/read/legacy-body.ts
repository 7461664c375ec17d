// Reads a text from `attributedBody` with the mistakes of imsg up to 0.13: it looks for marks where later ones follow lengths.

const TEXT_BEGINS = Buffer.from("012b", "hex");
const TEXT_ENDS = Buffer.from("8684", "hex");
const INT16 = 0x81;
const INT32 = 0x82;
const LEADING_CONTROLS = /^[\p{Cc}\p{Cf}]+/u;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text as recorded imsg 0.9.0 has it. From 8,192 bytes on a byte of the length is left before it as a stray character; a text that
 * holds the end mark's bytes inside a character (`ↄ`, `🆄`) is not found at all, and the whole archive stands for it: `streamtyped…`.
 * Contract: never throws.
 */
export function misreadAttributedBody(blob: Uint8Array): string {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
  let best = "";
  for (let at = bytes.indexOf(TEXT_BEGINS); at !== -1; at = bytes.indexOf(TEXT_BEGINS, at + 1)) {
    const start = at + TEXT_BEGINS.length;
    const end = bytes.indexOf(TEXT_ENDS, start);
    if (end === -1) break;
    const candidate = textOfSegment(bytes.subarray(start, end));
    if (candidate.length > best.length) best = candidate;
  }
  return best === "" ? trimmed(bytes.toString("utf8")) : best;
}

/** Longer lengths take three and five bytes; imsg takes off two and three. */
function textOfSegment(segment: Buffer): string {
  const [first = 0] = segment;
  let prefix = 0;
  if (first === segment.length - 1) prefix = 1;
  else if (first === INT16) prefix = 2;
  else if (first === INT32) prefix = 3;
  return decoded(segment.subarray(prefix)) ?? decoded(segment) ?? "";
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return trimmed(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

function trimmed(text: string): string {
  return text.replace(LEADING_CONTROLS, "");
}
