// Reads what Messages heard in a voice message: a binary property list kept with the attachment.

import type { MessageStore } from "./store.ts";

const SQL = `SELECT a.user_info FROM message_attachment_join maj JOIN attachment a ON a.ROWID = maj.attachment_id
  WHERE maj.message_id = ? AND a.user_info IS NOT NULL`;

/** The transcription of a voice message; undefined when there is none. */
export function audioTranscription(store: MessageStore, rowId: number): string | undefined {
  for (const [blob] of store.all(SQL, rowId)) {
    const spoken = blob instanceof Uint8Array ? dictionaryText(blob, "audio-transcription") : undefined;
    if (spoken !== undefined && spoken !== "") return spoken;
  }
  return undefined;
}

/** One text of a binary property list whose top object is a dictionary; undefined for any other shape. */
function dictionaryText(blob: Uint8Array, key: string): string | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
  try {
    return new PropertyList(bytes).textOfKey(key);
  } catch {
    return undefined; // a cut or foreign blob: every read past its end throws
  }
}

class PropertyList {
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
