// The sending child of one account: parts in, outcomes out, one request in flight, so that a death leaves one unknown.
import type { OutboundPart, SendOutcome } from "../../model/delivery.ts";
import { GatewayError } from "../../model/errors.ts";
import type { OutboundFile } from "../../model/media.ts";
import type { StagedFile } from "../../model/ports.ts";
import type { AppleScriptTrouble } from "../child/applescript.ts";
import type { Dialect } from "../child/dialect.ts";
import type { ChatBook } from "../read/chat-book.ts";
import { findChat, findChatNearby } from "../read/find-chat.ts";
import type { Gate } from "../child/gate.ts";
import { needsNewChild, outcomeOfError, outcomeOfResult, type Asked } from "./outcome.ts";
import { ImsgRefusal, neverWritten, RPC } from "../child/refusal.ts";
import type { Session } from "../child/session.ts";

/** What sending works with. */
export interface SendOptions {
  readonly gate: Gate<Session>;
  readonly book: ChatBook;
  readonly region: string;
  readonly timeoutMs: Readonly<Record<Dialect["kind"], number>>;
  /** Makes a file readable for imsg. Contract: rejects with `media/…` codes. */
  readonly stage: (file: OutboundFile) => Promise<StagedFile>;
  /** How long a child that takes no more requests has to end. */
  readonly endGraceMs: number;
  /** Told after each attempt what is wrong with Messages itself; undefined: nothing. */
  readonly onTrouble: (trouble: AppleScriptTrouble | undefined) => void;
}

/** Where a part goes, in imsg's words. */
type Address = Readonly<Record<string, string | number>>;

/** What is sent: a text, or a file by its path on the machine that imsg runs on. */
type Content = { readonly text: string } | { readonly file: string };

/** A bridge that came back is noticed so long after, at a send. */
const ASK_AGAIN_MS = 5 * 60_000;

/** How long a file is kept that may still be on its way. */
const KEPT_MS = 10 * 60_000;

/** Nothing was asked of imsg yet. */
const NOTHING: Asked = { dialect: "legacy", toPerson: false };

/** Sends one part. Contract: never rejects. A request that a dying child never read goes to the next one. */
export async function sendPart(part: OutboundPart, options: SendOptions): Promise<SendOutcome> {
  if (part.file === undefined) return sendContent(part, { text: part.text }, options);
  // A send that waits for a copy holds nobody up: no child is asked before it is there.
  const staged = await options.stage(part.file).catch((error: unknown) => outcomeOfStaging(error));
  if ("kind" in staged) return staged;
  const outcome = await sendContent(part, { file: staged.path }, options);
  // What is of unknown fate may still be read by Messages; what is left at the end of the process goes at the next start.
  if (outcome.kind === "unknown") setTimeout(() => void staged.release(), KEPT_MS).unref();
  else await staged.release();
  return outcome;
}

async function sendContent(part: OutboundPart, content: Content, options: SendOptions): Promise<SendOutcome> {
  for (;;) {
    const session = await options.gate
      .pass()
      .catch((error: unknown) => outcomeOfError(certain(error), NOTHING));
    if ("kind" in session) return session;
    try {
      const outcome = await attempt(part, content, { session, options });
      if (outcome.kind === "sent") options.onTrouble(undefined);
      void session.askAgain(ASK_AGAIN_MS);
      return outcome;
    } catch (error) {
      if (neverWritten(error)) {
        // Until it has ended the gate still leads to this child.
        await session.link.close(options.endGraceMs);
        await session.link.ended;
        continue;
      }
      if (error instanceof ImsgRefusal && error.trouble?.stopsAll === true) options.onTrouble(error.trouble);
      if (needsNewChild(error)) await session.link.kill();
      return outcomeOfError(error, {
        dialect: session.dialect.kind,
        toPerson: part.target.kind === "handle",
      });
    }
  }
}

async function attempt(
  part: OutboundPart,
  content: Content,
  by: { readonly session: Session; readonly options: SendOptions },
): Promise<SendOutcome> {
  const { session, options } = by;
  const address = await addressOf(part, session, options).catch((error: unknown) => {
    throw certain(error);
  });
  if (typeof address === "string") return nowhere(part, address);
  const request = { ...address, ...content };
  // v1 documents it for both ways to send, and sends plain where Messages cannot show it. Legacy's `send` does not know it.
  if (session.dialect.kind === "v1" && part.formatting.length > 0) {
    try {
      return await deliver(part, { ...request, text_formatting: part.formatting }, by);
    } catch (error) {
      if (!refusesFormatting(error)) throw error;
    }
  }
  return deliver(part, request, by);
}

function nowhere({ expectedGuid }: OutboundPart, why: "gone" | "unclear"): SendOutcome {
  if (why === "gone")
    return { kind: "failed", reason: `the chat ${expectedGuid} is not there any more`, retryable: false };
  const reason = `the chat ${expectedGuid} is not among the chats that imsg lists`;
  return { kind: "failed", reason, retryable: true };
}

type Request = Readonly<Record<string, string | number | OutboundPart["formatting"]>>;

async function deliver(
  part: OutboundPart,
  request: Request,
  { session, options }: { readonly session: Session; readonly options: SendOptions },
): Promise<SendOutcome> {
  const { link, dialect } = session;
  const timeoutMs = options.timeoutMs[dialect.kind];
  // Of what is tracked, imsg takes texts only.
  if (part.file === undefined && dialect.methods.has("send.tracked")) {
    try {
      const params = { ...request, attempt_id: part.attemptId };
      return outcomeOfResult(await link.call("send.tracked", params, timeoutMs));
    } catch (error) {
      if (!refusesTracking(error) || refusesFormatting(error)) throw error;
      void session.askAgain();
    }
  }
  return outcomeOfResult(await link.call("send", request, timeoutMs));
}

/**
 * The bridge reaches existing chats only, and goes away when Messages is restarted; imsg says so before anything is started. The message
 * goes the ordinary way then.
 */
function refusesTracking(error: unknown): boolean {
  const codes: readonly number[] = [RPC.invalidParams, RPC.unknownMethod, RPC.noBridge];
  return error instanceof ImsgRefusal && codes.includes(error.rpcCode);
}

/** Parameters are read before anything is started: the same may be sent again without them. */
function refusesFormatting(error: unknown): boolean {
  return (
    error instanceof ImsgRefusal && error.rpcCode === RPC.invalidParams && /formatting/iu.test(error.text)
  );
}

/** Text: why there is no address. Contract: nothing is sent here. */
async function addressOf(
  part: OutboundPart,
  { queries }: Session,
  { book, region }: SendOptions,
): Promise<Address | "gone" | "unclear"> {
  const { target, expectedGuid, chat } = part;
  const places = { queries, book };
  if (target.kind === "chat_guid") return { chat_guid: target.guid };
  if (target.kind === "chat_identifier") return { chat_identifier: target.identifier };
  if (target.kind === "chat_id") {
    if (expectedGuid === undefined || expectedGuid === "") return { chat_id: target.chatId };
    const found = await findChat({ guid: expectedGuid, chatId: target.chatId }, places);
    return typeof found === "string" ? found : { chat_guid: found.guid };
  }
  const { handle, service } = target;
  if (service === "imessage") {
    // Asked for iMessage, v1 looks for the sent row in chats of that service only, and macOS 26 calls none of its chats so.
    const guid = await findChatNearby({ guid: `any;-;${handle}`, chatId: chat?.chatId ?? 0 }, places);
    if (guid !== undefined && !guid.startsWith("SMS;")) return { chat_guid: guid };
  }
  return { to: handle, service, region };
}

/** Nothing was sent yet, whatever went wrong. */
function outcomeOfStaging(error: unknown): SendOutcome {
  if (error instanceof GatewayError && error.code === "media/missing")
    return { kind: "failed", reason: "the file is not in the media folder any more", retryable: false };
  const why = error instanceof Error ? error.message : String(error);
  return { kind: "failed", reason: `the file could not be made ready for imsg: ${why}`, retryable: true };
}

/** Whatever went wrong here went wrong before anything was sent. */
function certain(error: unknown): GatewayError {
  if (neverWritten(error)) return error as GatewayError;
  const original = error instanceof GatewayError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return new GatewayError(original?.code ?? "imsg/gone", message, {
    hint: original?.hint ?? "Nothing: it is tried again by itself.",
    effect: "none",
    cause: error,
  });
}
