// Writes and reads the typedstream archive that Messages keeps a text in (`message.attributedBody`).
//
// The archive is NeXT's: a graph of an NSAttributedString with one NSString and one run of attributes
// (`__kIMMessagePartAttributeName`: 0). Byte for byte as in the database that imsg 0.9.0 was recorded on.

const HEAD = Buffer.from(
  "040b73747265616d747970656481e803840140848484124e5341747472696275746564537472696e67008484084e534f626a656374" +
    "008592848484084e53537472696e67019484012b",
  "hex",
);
const RUN = Buffer.from("868402694901", "hex");
const ATTRIBUTES = Buffer.from(
  "928484840c4e5344696374696f6e617279009484016901928496961d5f5f6b494d4d657373616765506172744174747269627574654e" +
    "616d658692848484084e534e756d626572008484074e5356616c7565009484012a84999900868686",
  "hex",
);

/** The archive's version and the length of its signature, which tells the order of bytes. */
const VERSION = Buffer.of(4, 11);
const LITTLE_ENDIAN = "streamtyped";
const BIG_ENDIAN = "typedstream";
const HEAD_BYTES = VERSION.length + LITTLE_ENDIAN.length;
/** Stands before every length-prefixed string of bytes: a type description of one character, `+`. */
const BYTES_FOLLOW = Buffer.from("012b", "hex");
const LEADING_CONTROLS = /^[\p{Cc}\p{Cf}]+/u;
const INT16 = 0x81;
const INT32 = 0x82;
/** The last byte that is a tag of the archive and no length. */
const LAST_TAG = 0x91;

/** The archive of an attributed string without formatting. */
export function encodeAttributedBody(text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([HEAD, encodeLength(bytes.length), bytes, RUN, encodeLength(text.length), ATTRIBUTES]);
}

/**
 * The text of an archive, as imsg reads it from 0.15.1 on: the first one in it, by its length; empty when it holds none.
 * A blob that is no archive stands for itself, as UTF-16 or UTF-8. Contract: never throws.
 */
export function decodeAttributedBody(blob: Uint8Array): string {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decoded("utf-16le", bytes.subarray(2));
  if (!bytes.subarray(0, VERSION.length).equals(VERSION)) {
    return bytes.toString("utf8").replace(LEADING_CONTROLS, "");
  }
  const signature = bytes.toString("latin1", VERSION.length, HEAD_BYTES);
  if (signature !== LITTLE_ENDIAN && signature !== BIG_ENDIAN) return "";
  const at = bytes.indexOf(BYTES_FOLLOW, HEAD_BYTES);
  if (at === -1) return "";
  const found = decodeLength(bytes, at + BYTES_FOLLOW.length, signature === LITTLE_ENDIAN);
  if (found === undefined || found.start + found.length > bytes.length) return "";
  return decoded("utf-8", bytes.subarray(found.start, found.start + found.length));
}

/** Lengths over 127 are marked by their width, little-endian: the bytes from 0x80 on are tags of the archive. */
function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const wide = length > 0x7fff;
  const out = Buffer.alloc(wide ? 5 : 3);
  out[0] = wide ? INT32 : INT16;
  if (wide) out.writeUInt32LE(length, 1);
  else out.writeUInt16LE(length, 1);
  return out;
}

function decodeLength(
  bytes: Buffer,
  at: number,
  isLittleEndian: boolean,
): { length: number; start: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const width = first === INT16 ? 2 : first === INT32 ? 4 : 0;
  if (width === 0) return first >= 0x80 && first <= LAST_TAG ? undefined : { length: first, start: at + 1 };
  if (at + 1 + width > bytes.length) return undefined;
  const length = isLittleEndian ? bytes.readUIntLE(at + 1, width) : bytes.readUIntBE(at + 1, width);
  return { length, start: at + 1 + width };
}

/** A text that is not well formed reads as none. */
function decoded(encoding: "utf-8" | "utf-16le", bytes: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "";
  }
}
