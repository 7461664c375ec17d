// Takes the files of messages: root → size → fetch → kind → conversion → the media folder, each file by itself, none for ever.
import { lstat, rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { KeyedQueue } from "../lib/keyed-queue.ts";
import type { Log } from "../lib/log.ts";
import { GatewayError, toGatewayError } from "../model/errors.ts";
import type { AccountId, ConversationId } from "../model/ids.ts";
import type { IncomingFiles, TakenFile, WantedFile } from "../model/media.ts";
import type { InboundAttachment } from "../model/message.ts";
import type { Mac } from "../model/ports.ts";
import type { MediaSettings } from "../model/settings.ts";
import type { MediaFolder } from "./folder.ts";
import { limited } from "./limit.ts";
import { placeFile } from "./place.ts";
import { findSource } from "./source.ts";
import { plainLine } from "../model/plain-line.ts";

/** Files of one account that are fetched at once. */
const MOST_AT_ONCE = 4;

/** Files that one turn is given; of more, the last ones are. */
const MOST_A_TURN = 100;

/** What is said of a file whose time was over, or whose turn was stopped. */
const NOT_IN_TIME = "it could not be had in time";

/** Longest name that is shown, in characters. */
const LONGEST_NAME = 200;

/** Limits in ms; constants of the product, given so that a test can shorten them. */
export interface IncomingTiming {
  /** For one file, from the first look at it to its place in the folder. */
  readonly fileMs: number;
  /** For all files of a turn together. */
  readonly turnMs: number;
  /** A file that Messages has yet to download is waited for, counted from the begin of its turn. */
  readonly landingMs: number;
  /** Between looks at a file that is not there yet. */
  readonly lookMs: number;
  /** A message older than that has no file that is yet to come. */
  readonly newMs: number;
  readonly convertMs: number;
}

/** The limits of a real gateway. */
export const INCOMING_TIMING: IncomingTiming = {
  fileMs: 120_000,
  turnMs: 180_000,
  landingMs: 20_000,
  lookMs: 1000,
  newMs: 10 * 60_000,
  convertMs: 60_000,
};

/** What files are taken with. */
export interface IncomingContext {
  readonly folder: MediaFolder;
  readonly mac: (accountId: AccountId) => Mac;
  /** Where converters are looked for; absolute folders. */
  readonly searchPath: readonly string[];
  readonly log: Log;
  readonly timing: IncomingTiming;
  readonly now: () => number;
}

/** What holds for all files of one turn. */
interface Turn {
  readonly accountId: AccountId;
  readonly conversationId: ConversationId;
  readonly mac: Mac;
  readonly settings: MediaSettings;
  readonly signal: AbortSignal;
  readonly landsUntilMs: number;
}

/** Takes files. */
export class Incoming implements IncomingFiles {
  readonly #context: IncomingContext;
  readonly #queues = new Map<AccountId, KeyedQueue<symbol>>();

  constructor(context: IncomingContext) {
    this.#context = context;
  }

  async take(
    accountId: AccountId,
    wanted: readonly WantedFile[],
    { conversationId, settings, signal }: Parameters<IncomingFiles["take"]>[2],
  ): Promise<readonly TakenFile[]> {
    const queue = this.#queueOf(accountId);
    const landsUntilMs = this.#context.now() + this.#context.timing.landingMs;
    const limit = limited(signal, this.#context.timing.turnMs);
    const mac = this.#context.mac(accountId);
    const turn: Turn = { accountId, conversationId, mac, settings, signal: limit.signal, landsUntilMs };
    const first = wanted.length - MOST_A_TURN;
    const taking = wanted.map(async (one, index) => {
      if (index < first) return missing(one.attachment, `a turn is given ${MOST_A_TURN} files at most`);
      const taken = queue.add(Symbol(), async () => this.#takeOne(one, turn));
      // What is over does not wait for its place in the queue.
      return Promise.race([taken, limit.over.then(() => missing(one.attachment, NOT_IN_TIME))]);
    });
    try {
      return await Promise.all(taking);
    } finally {
      limit.end();
    }
  }

  release(files: readonly TakenFile[]): void {
    for (const file of files) if (file.kind === "file") this.#context.folder.release(file.path);
  }

  #queueOf(accountId: AccountId): KeyedQueue<symbol> {
    const known = this.#queues.get(accountId);
    if (known) return known;
    const queue = new KeyedQueue<symbol>(MOST_AT_ONCE);
    this.#queues.set(accountId, queue);
    return queue;
  }

  /** Contract: never rejects; holds nothing once the turn's time is over. */
  async #takeOne(wanted: WantedFile, turn: Turn): Promise<TakenFile> {
    const { attachment } = wanted;
    if (turn.signal.aborted) return missing(attachment, NOT_IN_TIME);
    const limit = limited(turn.signal, this.#context.timing.fileMs);
    const facts = { accountId: turn.accountId, file: attachment.path };
    try {
      const file = await this.#copy(wanted, { ...turn, signal: limit.signal });
      if (turn.signal.aborted) {
        this.#context.folder.release(file.path);
        return missing(attachment, NOT_IN_TIME);
      }
      this.#context.log.info(`a file of a message was taken: ${file.mimeType}, ${file.bytes} bytes`, {
        ...facts,
        path: file.path,
        ...(file.note !== "" && { note: file.note }),
      });
      return file;
    } catch (cause) {
      const reason = limit.signal.aborted ? NOT_IN_TIME : reasonOf(cause);
      const { code } = toGatewayError(cause);
      this.#context.log.warn(`a file of a message is missing: ${reason}`, {
        ...facts,
        code,
        cause: String(cause),
      });
      return missing(attachment, reason);
    } finally {
      limit.end();
    }
  }

  async #copy(wanted: WantedFile, turn: Turn): Promise<Extract<TakenFile, { kind: "file" }>> {
    const { attachment } = wanted;
    const { maxBytes } = turn.settings;
    if (attachment.bytes > maxBytes) throw tooLarge(attachment.bytes, maxBytes);
    const part = await this.#context.folder.newPart();
    try {
      await this.#fetch(part, wanted, turn);
      const { size } = await lstat(part);
      if (size > maxBytes) throw tooLarge(size, maxBytes);
      const { folder, searchPath, timing } = this.#context;
      const limits = { searchPath, timeoutMs: timing.convertMs, maxBytes, signal: turn.signal };
      const placed = await placeFile(
        part,
        { folder, conversationId: turn.conversationId, name: attachment.name },
        limits,
      );
      return { kind: "file", name: shownName(attachment), ...placed };
    } finally {
      await rm(part, { force: true });
    }
  }

  /** Asks for the file, again while it may still be on its way into Messages. */
  async #fetch(part: string, { attachment, sentAtMs }: WantedFile, turn: Turn): Promise<void> {
    const { now, timing } = this.#context;
    const isNew = now() - sentAtMs < timing.newMs;
    for (;;) {
      try {
        const path = await findSource(attachment.path, {
          roots: turn.settings.roots,
          isRemote: turn.mac.isRemote,
        });
        await this.#fetchFrom(path, part, { attachment, turn });
        return;
      } catch (cause) {
        const mayLand = cause instanceof GatewayError && cause.code === "media/missing" && isNew;
        if (!mayLand || now() + timing.lookMs > turn.landsUntilMs) throw cause;
        await delay(timing.lookMs, undefined, { signal: turn.signal });
      }
    }
  }

  /** A copy that does not end with its signal is left to itself, and what comes of it is removed. */
  async #fetchFrom(
    path: string,
    part: string,
    { attachment, turn }: { readonly attachment: InboundAttachment; readonly turn: Turn },
  ): Promise<void> {
    const { signal, settings } = turn;
    const expectedBytes = attachment.bytes > 0 ? attachment.bytes : undefined;
    const fetching = turn.mac.fetch(path, part, { expectedBytes, maxBytes: settings.maxBytes, signal });
    const limit = limited(signal, this.#context.timing.fileMs);
    try {
      await Promise.race([fetching, limit.over.then(() => Promise.reject(new Error(NOT_IN_TIME)))]);
    } catch (cause) {
      void removeAfter(fetching, part);
      throw cause;
    } finally {
      limit.end();
    }
  }
}

function tooLarge(bytes: number, maxBytes: number): GatewayError {
  const message = `it is larger than ${megabytes(maxBytes)} MB (${megabytes(bytes)} MB)`;
  return new GatewayError("media/too-large", message, { hint: "Raise mediaMaxMb, or send a smaller file." });
}

function megabytes(bytes: number): string {
  return String(Math.ceil((bytes / 1024 / 1024) * 100) / 100);
}

/** What a copy that was given up still writes is nobody's. */
async function removeAfter(copying: Promise<unknown>, part: string): Promise<void> {
  await copying.catch(() => {});
  await rm(part, { force: true });
}

/** Words of our own errors are fit for people; what else was thrown is for the log. */
function reasonOf(cause: unknown): string {
  return cause instanceof GatewayError ? cause.message : "it could not be copied";
}

function missing(attachment: InboundAttachment, because: string): TakenFile {
  return { kind: "missing", name: shownName(attachment), because };
}

/** Fit for one line: no control characters, nothing that turns the direction of the line. */
function shownName({ name, path }: InboundAttachment): string {
  const given = name === "" ? (path.split("/").at(-1) ?? "") : name;
  return plainLine(given, LONGEST_NAME) || "file";
}
