// Reads one text of a property list whose top object is a dictionary, in Apple's binary form or in XML.

/** The text under a key; undefined for any other shape. Contract: never throws. */
export function textInPropertyList(blob: Uint8Array, key: string): string | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
  try {
    if (bytes.subarray(0, MAGIC.length).equals(MAGIC)) return new BinaryList(bytes).textOfKey(key);
    return textInXml(asText(bytes), key);
  } catch {
    return undefined; // a cut or foreign blob: every read past its end throws
  }
}

const MAGIC = Buffer.from("bplist");

function asText(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8", { fatal: true }).decode(bytes);
}

/** One piece of XML: a comment, a section taken as it is, a declaration, a tag, or the text up to the next one. */
const PIECE =
  /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<![^>]*>|<(\/?)([A-Za-z]+)(?![A-Za-z])[^>]*?(\/?)>|([^<]+)/guy;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", apos: "'", quot: '"' };

/** Follows the tags; the keys of the outermost dictionary and the texts behind them count. */
function textInXml(source: string, key: string): string | undefined {
  const open: string[] = [];
  let words = "";
  let currentKey: string | undefined;
  let found: string | undefined;
  PIECE.lastIndex = 0;
  let end = 0;
  for (const [piece, section, closes = "", tag = "", isEmpty = "", plain] of source.matchAll(PIECE)) {
    end += piece.length;
    words += section ?? (plain === undefined ? "" : withoutEntities(plain));
    if (tag === "" || isEmpty !== "") continue;
    if (closes === "") {
      open.push(tag);
      words = "";
      continue;
    }
    if (open.pop() !== tag) return undefined;
    if (open.join("/") !== "plist/dict") continue;
    if (tag === "key") currentKey = words;
    else if (currentKey === key && tag === "string") found = words;
  }
  return end === source.length && open.length === 0 ? found : undefined;
}

function withoutEntities(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|([a-z]+));/giu,
    (whole: string, hex, decimal, name: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name] ?? whole;
    },
  );
}

class BinaryList {
  readonly #bytes: Buffer;
  readonly #offsetSize: number;
  readonly #refSize: number;
  readonly #top: number;
  readonly #table: number;

  constructor(bytes: Buffer) {
    const trailer = bytes.length - 32;
    this.#bytes = bytes;
    this.#offsetSize = bytes.readUInt8(trailer + 6);
    this.#refSize = bytes.readUInt8(trailer + 7);
    this.#top = bytes.readUInt32BE(trailer + 20);
    this.#table = bytes.readUInt32BE(trailer + 28);
  }

  textOfKey(key: string): string | undefined {
    const at = this.#offset(this.#top);
    if (this.#bytes.readUInt8(at) >> 4 !== 0xd) return undefined;
    const { length, start } = this.#size(at);
    for (let index = 0; index < length; index += 1) {
      if (this.#text(this.#reference(start, index)) !== key) continue;
      return this.#text(this.#reference(start, length + index));
    }
    return undefined;
  }

  #offset(object: number): number {
    return this.#bytes.readUIntBE(this.#table + object * this.#offsetSize, this.#offsetSize);
  }

  #reference(start: number, index: number): number {
    return this.#bytes.readUIntBE(start + index * this.#refSize, this.#refSize);
  }

  /** Lengths up to 14 stand in the marker; longer ones in an integer object behind it. */
  #size(at: number): { length: number; start: number } {
    const short = this.#bytes.readUInt8(at) & 0xf;
    if (short !== 0xf) return { length: short, start: at + 1 };
    const bytes = 1 << (this.#bytes.readUInt8(at + 1) & 0xf);
    return { length: this.#bytes.readUIntBE(at + 2, bytes), start: at + 2 + bytes };
  }

  #text(object: number): string | undefined {
    const at = this.#offset(object);
    const kind = this.#bytes.readUInt8(at) >> 4;
    const { length, start } = this.#size(at);
    if (kind === 5) return this.#bytes.toString("latin1", start, start + length);
    if (kind !== 6) return undefined;
    return Buffer.from(this.#bytes.subarray(start, start + length * 2))
      .swap16()
      .toString("utf16le");
  }
}
