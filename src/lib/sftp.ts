// An SFTP client over the pipes of a child (`ssh -s host sftp`): files of another machine read, written and removed, whatever their names.
import type { FileHandle } from "node:fs/promises";
import { startChild, type Child, type ChildEnd } from "./child.ts";
import {
  ATTRS,
  CODE,
  DATA,
  HANDLE,
  INIT,
  MAX_PACKET_BYTES,
  modeOnly,
  NAME,
  OPEN,
  packet,
  PacketReader,
  REQUEST,
  STATUS,
  VERSION,
  type Field,
  type FileFacts,
} from "./sftp-wire.ts";

/** The server refused: `code` is of the protocol's status codes. */
export class SftpRefusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message === "" ? `refused with status ${code}` : message);
    this.code = code;
  }
}

/** The connection did not come about, or is over. */
export class SftpGone extends Error {
  /** Undefined: it did not answer, and was given up. */
  readonly end: ChildEnd | undefined;
  /** Lines of stderr. */
  readonly said: readonly string[];
  /** What came in place of SFTP's greeting; undefined: nothing did. */
  readonly noise: string | undefined;

  constructor(
    message: string,
    facts: { readonly end?: ChildEnd; readonly said: readonly string[]; readonly noise: string | undefined },
  ) {
    super(message);
    this.end = facts.end;
    this.said = facts.said;
    this.noise = facts.noise;
  }
}

/** How a session is opened. */
export interface SftpOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** For an answer, in ms; a server that says nothing for so long while it is asked is given up. */
  readonly silenceMs: number;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Answer {
  readonly type: number;
  readonly fields: PacketReader;
}

/** What every server serves in one answer. */
const BLOCK_BYTES = 32 * 1024;
/** Blocks asked for before the first is there: enough for a line of 100 ms at 10 MB/s. */
const BLOCKS_AHEAD = 32;
const SAID_KEPT = 30;
const END_GRACE_MS = 1000;

/** Contract: every call settles: with its answer, `SftpRefusal`, or `SftpGone` once the child ended, or was silent for too long. */
export class SftpSession {
  readonly #child: Child;
  readonly #silenceMs: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #greeting = Promise.withResolvers<void>();
  readonly #said: string[] = [];
  #pending = Buffer.alloc(0);
  #noise: string | undefined;
  #isGreeted = false;
  #nextId = 1;
  #gone: SftpGone | undefined;
  #silence: NodeJS.Timeout | undefined;

  private constructor({ command, args, silenceMs }: SftpOptions) {
    this.#silenceMs = silenceMs;
    this.#child = startChild({
      command,
      args,
      onStdout: (chunk) => this.#heard(chunk),
      onStderr: (chunk) => {
        this.#said.push(...Buffer.from(chunk).toString("utf8").split("\n"));
        this.#said.splice(0, Math.max(0, this.#said.length - SAID_KEPT));
      },
      onEnd: (end) => this.#over("the connection is over", end),
    });
    this.#greeting.promise.catch(() => {});
    this.#child.write(packet(INIT, [3]));
    this.#listen();
  }

  /** Opens a session. Rejects with `SftpGone`. */
  static async open(options: SftpOptions): Promise<SftpSession> {
    const session = new SftpSession(options);
    await session.#greeting.promise;
    return session;
  }

  get isOver(): boolean {
    return this.#gone !== undefined;
  }

  /** Of what a link leads to. */
  async stat(path: string): Promise<FileFacts> {
    return (await this.#ask(REQUEST.stat, [path], ATTRS)).facts();
  }

  /** The whole path, links and `.` resolved; `.` is the home folder of who logged in. */
  async realPath(path: string): Promise<string> {
    const answer = await this.#ask(REQUEST.realpath, [path], NAME);
    return answer.number() < 1 ? path : answer.text();
  }

  async makeFolder(path: string, mode: number): Promise<void> {
    await this.#ask(REQUEST.mkdir, [path, ...modeOnly(mode)], STATUS);
  }

  async remove(path: string): Promise<void> {
    await this.#ask(REQUEST.remove, [path], STATUS);
  }

  async removeFolder(path: string): Promise<void> {
    await this.#ask(REQUEST.rmdir, [path], STATUS);
  }

  /** Names in a folder, without `.` and `..`. */
  async list(path: string): Promise<string[]> {
    const handle = (await this.#ask(REQUEST.opendir, [path], HANDLE)).data();
    const names: string[] = [];
    try {
      for (;;) {
        const answer = await this.#ask(REQUEST.readdir, [handle], NAME);
        for (let left = answer.number(); left > 0; left -= 1) {
          names.push(answer.text());
          answer.text();
          answer.facts();
        }
      }
    } catch (error) {
      if (!(error instanceof SftpRefusal) || error.code !== CODE.endOfFile) throw error;
    } finally {
      await this.#closeHandle(handle);
    }
    return names.filter((name) => name !== "." && name !== "..");
  }

  /** Reads from `from` up to the end; `onBlock` gets the blocks in order, and its rejection ends the reading. Answers where the end is. */
  async read(path: string, from: number, onBlock: (block: Buffer) => Promise<void>): Promise<number> {
    const handle = (await this.#ask(REQUEST.open, [path, OPEN.read, 0], HANDLE)).data();
    const ahead: Promise<Buffer>[] = [];
    let asked = from;
    let got = from;
    try {
      for (;;) {
        for (; ahead.length < BLOCKS_AHEAD; asked += BLOCK_BYTES) {
          const block = this.#block(handle, asked);
          block.catch(() => {});
          ahead.push(block);
        }
        const block = (await ahead.shift()) ?? Buffer.alloc(0);
        got += block.length;
        if (block.length > 0) await onBlock(block);
        if (block.length < BLOCK_BYTES) return got;
      }
    } finally {
      await this.#closeHandle(handle);
    }
  }

  /** Writes a file that is not there yet. */
  async write(path: string, file: FileHandle, signal: AbortSignal): Promise<void> {
    const flags = OPEN.write | OPEN.create | OPEN.exclusive;
    const handle = (await this.#ask(REQUEST.open, [path, flags, ...modeOnly(0o600)], HANDLE)).data();
    const ahead: Promise<unknown>[] = [];
    try {
      for (let offset = 0; ;) {
        signal.throwIfAborted();
        const { bytesRead, buffer } = await file.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, offset);
        if (bytesRead === 0) break;
        const fields = [handle, BigInt(offset), buffer.subarray(0, bytesRead)];
        const written = this.#ask(REQUEST.write, fields, STATUS);
        written.catch(() => {});
        ahead.push(written);
        offset += bytesRead;
        if (ahead.length >= BLOCKS_AHEAD) await ahead.shift();
      }
      await Promise.all(ahead);
    } finally {
      await this.#closeHandle(handle);
    }
  }

  /** Gives the connection up at once; whoever waits is told. */
  kill(): void {
    this.#over("the copy was given up", undefined);
    this.#child.kill();
  }

  async close(): Promise<void> {
    await this.#child.end(END_GRACE_MS);
  }

  /** A whole block, or what is left in front of the end: a server may answer with less than it was asked for. */
  async #block(handle: Buffer, offset: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let length = 0;
    while (length < BLOCK_BYTES) {
      const fields = [handle, BigInt(offset + length), BLOCK_BYTES - length];
      const part = await this.#ask(REQUEST.read, fields, DATA).then(
        (answer) => Buffer.from(answer.data()),
        (error: unknown) => {
          if (error instanceof SftpRefusal && error.code === CODE.endOfFile) return undefined;
          throw error;
        },
      );
      if (part === undefined || part.length === 0) break;
      parts.push(part);
      length += part.length;
    }
    return Buffer.concat(parts);
  }

  async #closeHandle(handle: Buffer): Promise<void> {
    await this.#ask(REQUEST.close, [handle], STATUS).catch(() => {});
  }

  async #ask(request: number, fields: readonly Field[], wanted: number): Promise<PacketReader> {
    if (this.#gone) throw this.#gone;
    const id = this.#nextId++;
    const answered = new Promise<Answer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#child.write(packet(request, [id, ...fields]));
    this.#listen();
    const { type, fields: answer } = await answered;
    if (type === wanted && wanted !== STATUS) return answer;
    if (type !== STATUS) throw new SftpRefusal(CODE.failure, `an answer of another kind (${type})`);
    const code = answer.number();
    if (code !== CODE.ok || wanted !== STATUS) throw new SftpRefusal(code, answer.text());
    return answer;
  }

  #heard(chunk: Uint8Array): void {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    if (!this.#isGreeted && this.#isNoise()) {
      this.#noise = this.#pending.toString("utf8").split("\n")[0] ?? "";
      return this.kill();
    }
    while (this.#pending.length >= 4) {
      const length = this.#pending.readUInt32BE(0);
      if (length > MAX_PACKET_BYTES) return this.kill();
      if (this.#pending.length < 4 + length) break;
      const body = this.#pending.subarray(4, 4 + length);
      this.#pending = this.#pending.subarray(4 + length);
      this.#take(body);
    }
    this.#listen();
  }

  /** A greeting is short, and begins with its kind. */
  #isNoise(): boolean {
    const { length } = this.#pending;
    if (length >= 4 && this.#pending.readUInt32BE(0) > MAX_PACKET_BYTES) return true;
    return length >= 5 && this.#pending.readUInt8(4) !== VERSION;
  }

  #take(body: Buffer): void {
    try {
      const fields = new PacketReader(body);
      const type = fields.byte();
      if (!this.#isGreeted) {
        this.#isGreeted = true;
        return this.#greeting.resolve();
      }
      const id = fields.number();
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      waiting?.resolve({ type, fields });
    } catch {
      this.kill();
    }
  }

  /** Anything that comes shows that the server is there; it is waited for only while something is asked. */
  #listen(): void {
    clearTimeout(this.#silence);
    if (this.#gone !== undefined || (this.#isGreeted && this.#waiting.size === 0)) return;
    this.#silence = setTimeout(() => this.kill(), this.#silenceMs);
  }

  #over(message: string, end: ChildEnd | undefined): void {
    clearTimeout(this.#silence);
    if (this.#gone !== undefined) return;
    const facts = { said: this.#said, noise: this.#noise };
    const gone = new SftpGone(message, end === undefined ? facts : { ...facts, end });
    this.#gone = gone;
    this.#greeting.reject(gone);
    for (const waiting of this.#waiting.values()) waiting.reject(gone);
    this.#waiting.clear();
  }
}
