// Sending a message by hand: into the outbox like any reply, then waiting for what comes of it.
import { isAbsolute } from "node:path";
import { GatewayError } from "../../model/errors.ts";
import { plainText } from "../../model/formatting.ts";
import { shownText } from "../../model/shown-text.ts";
import { parseSender } from "../../model/handle.ts";
import type { AccountId, PartId } from "../../model/ids.ts";
import type { OutboxItem } from "../../model/journal.ts";
import type { OutboundFile } from "../../model/media.ts";
import type { AccountSettings } from "../../model/settings.ts";
import { describeWrong, parseTarget, renderEntry, type Target } from "../../model/target.ts";
import { composeReply } from "../../rules/compose-reply.ts";
import { maySend } from "../../rules/may-send.ts";
import { chooseAccount } from "../accounts.ts";
import type { RunningGateway } from "../status/running.ts";
import { whyWaiting } from "./waiting.ts";

/** What is to be sent where. */
export interface SendRequest {
  /** Needed only where there are several. */
  readonly accountId: string | undefined;
  readonly target: string;
  /** May be empty where there is a file. */
  readonly text: string;
  /** Absolute path of a file of this machine, which is sent after the text. */
  readonly file: string | undefined;
  /** How long to wait for the outcome; 0 waits for none. */
  readonly waitMs: number;
}

/** What came of it so far. */
export interface SendReport {
  readonly accountId: AccountId;
  readonly target: string;
  /** `pending`: neither sent nor given up within the wait; it is still being tried. */
  readonly outcome: "sent" | "parked" | "dropped" | "unknown" | "pending";
  /** The text as the messages it was cut into, in order, and the file. */
  readonly parts: readonly OutboxItem[];
  /** Why it is not out yet, where that is known. */
  readonly waitsFor: string | undefined;
}

/** A settlement is told at once; this is for what other processes change. */
const POLL_MS = 500;

/** For the copy of a file, which may come over a network. */
const FILE_LIMIT_MS = 60_000;

/**
 * Sends. Contract: rejects with `account/unknown`, `send/bad-target`, `send/not-allowed`, `cli/usage` or `media/…` before anything is
 * queued.
 */
export async function sendMessage(
  running: RunningGateway,
  request: SendRequest,
  now: () => number,
): Promise<SendReport> {
  const account = chooseAccount(running.settings(), request.accountId);
  const target = await chooseAllowed(running, account, readTarget(account, request.target));
  const file = request.file === undefined ? [] : [await takeFile(running, account, request.file)];
  const policy = { prefix: "", limit: account.textChunkLimit, mode: account.chunkMode };
  const to = { origin: "send", target } as const;
  const texts = composeReply(plainText(shownText(request.text)), policy, to);
  const parts = [...texts, ...file.map((one) => ({ ...to, text: "", file: one }))];
  if (parts.length === 0)
    throw new GatewayError("cli/usage", "The text is empty.", { hint: "Give it some text, or a file." });
  const ids = await running.store.outbox.add(
    { accountId: account.id, conversationId: undefined, parts },
    now(),
  );
  running.nudge(account.id);
  return report(running, account, { ids, target: renderEntry(target), waitMs: request.waitMs, now });
}

/** Waits further for messages that were sent by hand. Throws `outbox/unknown` where one is not in the outbox. */
export async function waitForSent(
  running: RunningGateway,
  { ids, waitMs }: { readonly ids: readonly PartId[]; readonly waitMs: number },
  now: () => number,
): Promise<SendReport> {
  const [first] = await readParts(running, ids);
  if (first === undefined)
    throw new GatewayError("outbox/unknown", "The outbox has no such message.", {
      hint: "See `coderclaw outbox list --all`.",
    });
  const account = chooseAccount(running.settings(), first.accountId);
  return report(running, account, { ids, target: renderEntry(first.target), waitMs, now });
}

async function report(
  running: RunningGateway,
  account: AccountSettings,
  sent: {
    readonly ids: readonly PartId[];
    readonly target: string;
    readonly waitMs: number;
    readonly now: () => number;
  },
): Promise<SendReport> {
  const { ids, target, waitMs, now } = sent;
  const parts = await waitFor(running, ids, { untilMs: now() + waitMs, now });
  const outcome = outcomeOf(parts);
  const isOpen = outcome === "pending" || outcome === "unknown";
  const waitsFor = isOpen ? await whyWaiting(running, account, { parts, nowMs: now() }) : undefined;
  return { accountId: account.id, target, outcome, parts, waitsFor };
}

/** Whoever has the token may have any file sent that the gateway can read, but for those of its own folder that are neither media nor an agent's. */
async function takeFile(
  running: RunningGateway,
  { media }: AccountSettings,
  path: string,
): Promise<OutboundFile> {
  if (!isAbsolute(path))
    throw new GatewayError("cli/usage", `The file ${JSON.stringify(path)} is no absolute path.`, {
      hint: "Give the whole path, from the root on.",
    });
  // Workspaces may lie in the gateway's own folder: naming them lets their files be sent all the same.
  const roots = ["/", ...running.settings().agents.map(({ workspace }) => workspace)];
  const signal = AbortSignal.timeout(FILE_LIMIT_MS);
  try {
    return await running.media.outgoing(path, { roots, maxBytes: media.maxBytes, signal, isByHand: true });
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new GatewayError("media/timeout", `${path} could not be read in time.`, {
      hint: "Copy it to a disk of this machine first.",
      cause,
    });
  }
}

function readTarget(account: AccountSettings, text: string): Target {
  const parsed = parseTarget(text, account.region, account.service);
  if (parsed.ok) return parsed.value;
  throw new GatewayError("send/bad-target", describeWrong("Target", text, parsed.reason), {
    hint: "Give a handle such as +15551234567, or chat_id:N, chat_guid:G or chat_identifier:I.",
  });
}

/**
 * The target, if `allowTo` lets a message go there. Where only the account's own chats tell that it does, the chat goes by the name that
 * is allowed: at delivery they are not asked again. Throws `send/not-allowed`.
 */
async function chooseAllowed(
  running: RunningGateway,
  account: AccountSettings,
  target: Target,
): Promise<Target> {
  const { allowTo, id } = account;
  if (allowTo === undefined) return target;
  const known = await running.store.records.chat(id, target);
  if (maySend(allowTo, target, known)) return target;
  const names = known === undefined ? await otherNames(running, account, target) : [];
  const allowed = names.find((name) => maySend(allowTo, name, undefined));
  if (allowed !== undefined) return allowed;
  const shown = renderEntry(target);
  throw new GatewayError(
    "send/not-allowed",
    `Account ${id} may not send to ${shown}: allowTo does not name it.`,
    {
      hint: `Add ${JSON.stringify(shown)} to allowTo of account ${id}, or remove allowTo.`,
    },
  );
}

/** Everything that a chat of the account can be called by; none when it has no such chat. */
async function otherNames(
  running: RunningGateway,
  account: AccountSettings,
  target: Target,
): Promise<readonly Target[]> {
  const messages = running.accounts().find((one) => one.settings.id === account.id)?.messages;
  const chat = await messages?.chat(target).catch(() => undefined);
  if (chat === undefined) return [];
  const { chatId, chatGuid, chatIdentifier, isGroup, participants } = chat;
  const [other = "", ...more] = participants;
  const peer = isGroup || more.length > 0 ? undefined : parseSender(other, account.region);
  return [
    { kind: "chat_guid", guid: chatGuid },
    { kind: "chat_id", chatId },
    { kind: "chat_identifier", identifier: chatIdentifier },
    ...(peer === undefined ? [] : [{ kind: "handle", handle: peer, service: account.service } as const]),
  ];
}

async function waitFor(
  running: RunningGateway,
  ids: readonly PartId[],
  { untilMs, now }: { readonly untilMs: number; readonly now: () => number },
): Promise<readonly OutboxItem[]> {
  const wanted = new Set(ids);
  let wake = (): void => {};
  const stop = running.subscribe((event) => {
    if (event.step === "part.settled" && event.partId !== undefined && wanted.has(event.partId)) wake();
  });
  try {
    for (;;) {
      const settled = Promise.withResolvers<void>();
      wake = settled.resolve;
      const parts = await readParts(running, ids);
      const leftMs = untilMs - now();
      if (isOver(parts) || leftMs <= 0) return parts;
      const timer = setTimeout(settled.resolve, Math.min(POLL_MS, leftMs));
      await settled.promise;
      clearTimeout(timer);
    }
  } finally {
    stop();
  }
}

async function readParts(running: RunningGateway, ids: readonly PartId[]): Promise<readonly OutboxItem[]> {
  const parts = await Promise.all(ids.map(async (id) => running.store.outbox.find(id)));
  return parts.filter((part) => part !== undefined);
}

/** Nothing more happens by itself: all sent, or one stuck, which holds back those behind it. */
function isOver(parts: readonly OutboxItem[]): boolean {
  return parts.every((part) => part.state === "sent") || parts.some(isGivenUp);
}

function isGivenUp(part: OutboxItem): boolean {
  return part.state === "parked" || part.state === "dropped";
}

function outcomeOf(parts: readonly OutboxItem[]): SendReport["outcome"] {
  if (parts.every((part) => part.state === "sent")) return "sent";
  const telling = parts.find(isGivenUp) ?? parts.find((part) => part.state === "unknown");
  return telling === undefined ? "pending" : (telling.state as SendReport["outcome"]);
}
