// Reads a text from `attributedBody` with the mistakes of imsg up to 0.13: it looks for marks where later ones follow lengths.

const TEXT_BEGINS = Buffer.from("012b", "hex");
const TEXT_ENDS = Buffer.from("8684", "hex");
const INT16 = 0x81;
const INT32 = 0x82;
const LEADING_CONTROLS = /^[\p{Cc}\p{Cf}]+/u;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

/**
 * The text as imsg 0.9.0 has it: of all that stands between a begin mark and the next end mark, the longest. From 8,192
 * bytes on a byte of the length is left before it as a stray character; a text that holds the end mark's bytes inside a
 * character (`ↄ`, `🆄`) is not found at all, and the whole archive stands for it: `streamtyped…`. A blob that begins with
 * the mark of UTF-16 is such a text itself. Contract: never throws.
 */
export function misreadAttributedBody(blob: Uint8Array): string {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    const whole = decoded(utf16, bytes.subarray(2));
    if (whole !== undefined) return whole;
  }
  let best = "";
  for (let at = bytes.indexOf(TEXT_BEGINS); at !== -1; at = bytes.indexOf(TEXT_BEGINS, at + 1)) {
    const start = at + TEXT_BEGINS.length;
    const end = bytes.indexOf(TEXT_ENDS, start);
    if (end === -1) break;
    const candidate = textOfSegment(bytes.subarray(start, end));
    if (isLonger(candidate, best)) best = candidate;
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
  return decoded(utf8, segment.subarray(prefix)) ?? decoded(utf8, segment) ?? "";
}

/** Swift counts what people call characters. */
function isLonger(left: string, right: string): boolean {
  if (left === "" || right === "") return left !== "";
  return characters(left) > characters(right);
}

function characters(text: string): number {
  let count = 0;
  for (const _one of new Intl.Segmenter().segment(text)) count += 1;
  return count;
}

function decoded(decoder: typeof utf8, bytes: Uint8Array): string | undefined {
  try {
    return trimmed(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

function trimmed(text: string): string {
  return text.replace(LEADING_CONTROLS, "");
}
