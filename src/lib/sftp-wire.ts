// The packets of SFTP version 3 as bytes: what is asked, and what is answered.

/** What a request is about; names are those of the protocol. */
export const REQUEST = {
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
} as const;

export const INIT = 1;
export const VERSION = 2;
export const STATUS = 101;
export const HANDLE = 102;
export const DATA = 103;
export const NAME = 104;
export const ATTRS = 105;

/** Flags of `open`. */
export const OPEN = { read: 0x01, write: 0x02, create: 0x08, exclusive: 0x20 } as const;

/** Codes of a status. */
export const CODE = { ok: 0, endOfFile: 1, noSuchFile: 2, permissionDenied: 3, failure: 4 } as const;

/** Larger packets are none of SFTP's: something else is written where it should be. */
export const MAX_PACKET_BYTES = 512 * 1024;

const HAS_SIZE = 0x01;
const HAS_OWNER = 0x02;
const HAS_MODE = 0x04;
const HAS_TIMES = 0x08;
const HAS_MORE = 0x8000_0000;

/** A field of a packet: a number of four bytes, one of eight, or a text or bytes with their length. */
export type Field = number | bigint | string | Uint8Array;

/** A packet with its length in front. */
export function packet(type: number, fields: readonly Field[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0, 0, 0, 0, type])];
  for (const field of fields) {
    if (typeof field === "number") {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(field);
      parts.push(bytes);
    } else if (typeof field === "bigint") {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(field);
      parts.push(bytes);
    } else {
      const bytes = typeof field === "string" ? Buffer.from(field) : field;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      parts.push(length, bytes);
    }
  }
  const whole = Buffer.concat(parts);
  whole.writeUInt32BE(whole.length - 4);
  return whole;
}

/** Attributes of a new file or folder: its mode only. */
export function modeOnly(mode: number): readonly Field[] {
  return [HAS_MODE, mode];
}

/** What a file is. */
export interface FileFacts {
  readonly bytes: number;
  readonly isFile: boolean;
  readonly isFolder: boolean;
}

/** Reads the fields of one packet. Contract: throws a RangeError behind its end. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  number(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  /** Contract: a view; copied by who keeps it. */
  data(): Buffer {
    const length = this.number();
    if (this.#at + length > this.#bytes.length) throw new RangeError("a field behind the end of its packet");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.data().toString("utf8");
  }

  facts(): FileFacts {
    const flags = this.number();
    let bytes = 0;
    if (flags & HAS_SIZE) {
      bytes = Number(this.#bytes.readBigUInt64BE(this.#at));
      this.#at += 8;
    }
    if (flags & HAS_OWNER) this.#at += 8;
    const kind = flags & HAS_MODE ? this.number() & 0o170_000 : undefined;
    if (flags & HAS_TIMES) this.#at += 8;
    if ((flags & HAS_MORE) !== 0)
      for (let left = this.number(); left > 0; left -= 1) {
        this.data();
        this.data();
      }
    // A server that does not say is taken at its word that there is a file.
    return { bytes, isFile: kind === undefined || kind === 0o100_000, isFolder: kind === 0o040_000 };
  }
}
