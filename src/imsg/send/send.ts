// The sending child of one account: parts in, outcomes out, one request in flight, so that a death leaves one unknown.
import type { OutboundPart, SendOutcome } from "../../model/delivery.ts";
import { sameChatGuid } from "../../model/chat-guid.ts";
import { GatewayError } from "../../model/errors.ts";
import type { OutboundFile } from "../../model/media.ts";
import type { StagedFile } from "../../model/ports.ts";
import type { ChatBook } from "../read/chat-book.ts";
import type { Gate } from "../child/gate.ts";
import { needsNewChild, outcomeOfError, outcomeOfResult } from "./outcome.ts";
import { ImsgRefusal, neverWritten, RPC } from "../child/refusal.ts";
import type { Session } from "../child/session.ts";

/** Chats listed to learn which guid a chat id stands for. */
const LISTED_CHATS = 1_000;

/** What sending works with. */
export interface SendOptions {
  readonly gate: Gate<Session>;
  readonly book: ChatBook;
  readonly region: string;
  readonly timeoutMs: number;
  /** Makes a file readable for imsg. Contract: rejects with `media/…` codes. */
  readonly stage: (file: OutboundFile) => Promise<StagedFile>;
  /** How long a child that takes no more requests has to end. */
  readonly endGraceMs: number;
}

/** Where a part goes, in imsg's words. */
type Address = Readonly<Record<string, string | number>>;

/** What is sent: a text, or a file by its path on the machine that imsg runs on. */
type Content = { readonly text: string } | { readonly file: string };

/** Sends one part. Contract: never rejects. A request that a dying child never read goes to the next one. */
export async function sendPart(part: OutboundPart, options: SendOptions): Promise<SendOutcome> {
  if (part.file === undefined) return sendContent(part, { text: part.text }, options);
  // A send that waits for a copy holds nobody up: no child is asked before it is there.
  const staged = await options.stage(part.file).catch((error: unknown) => outcomeOfStaging(error));
  if ("kind" in staged) return staged;
  try {
    return await sendContent(part, { file: staged.path }, options);
  } finally {
    // imsg has copied it to where Messages sends from before it answers; one that did not answer is gone.
    await staged.release();
  }
}

async function sendContent(part: OutboundPart, content: Content, options: SendOptions): Promise<SendOutcome> {
  for (;;) {
    const session = await options.gate.pass().catch((error: unknown) => outcomeOfError(certain(error)));
    if ("kind" in session) return session;
    try {
      return await attempt(part, content, { session, options });
    } catch (error) {
      if (neverWritten(error)) {
        // Until it has ended the gate still leads to this child.
        await session.link.close(options.endGraceMs);
        await session.link.ended;
        continue;
      }
      if (needsNewChild(error)) await session.link.kill();
      return outcomeOfError(error);
    }
  }
}

async function attempt(
  part: OutboundPart,
  content: Content,
  by: { readonly session: Session; readonly options: SendOptions },
): Promise<SendOutcome> {
  const { session, options } = by;
  const address = await addressOf(part, session, options);
  if (address === undefined)
    return {
      kind: "failed",
      reason: `the chat ${part.expectedGuid} is not there any more`,
      retryable: false,
    };
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

type Request = Readonly<Record<string, string | number | OutboundPart["formatting"]>>;

async function deliver(
  part: OutboundPart,
  request: Request,
  { session, options }: { readonly session: Session; readonly options: SendOptions },
): Promise<SendOutcome> {
  const { link, dialect } = session;
  // Of what is tracked, imsg takes texts only.
  if (part.file === undefined && dialect.methods.has("send.tracked")) {
    try {
      const params = { ...request, attempt_id: part.attemptId };
      return outcomeOfResult(await link.call("send.tracked", params, options.timeoutMs));
    } catch (error) {
      // The bridge reaches existing chats only; a handle that has none yet goes the ordinary way. Nothing was started.
      const refused = error instanceof ImsgRefusal && error.rpcCode === RPC.invalidParams;
      if (!refused || part.target.kind !== "handle" || refusesFormatting(error)) throw error;
    }
  }
  return outcomeOfResult(await link.call("send", request, options.timeoutMs));
}

/** Parameters are read before anything is started: the same may be sent again without them. */
function refusesFormatting(error: unknown): boolean {
  return (
    error instanceof ImsgRefusal && error.rpcCode === RPC.invalidParams && /formatting/iu.test(error.text)
  );
}

/** Undefined when the chat that was answered in is gone. Rejects with errors of effect `none` only: nothing is sent here. */
async function addressOf(
  part: OutboundPart,
  { queries }: Session,
  { book, region }: SendOptions,
): Promise<Address | undefined> {
  const { target, expectedGuid } = part;
  if (target.kind === "chat_guid") return { chat_guid: target.guid };
  if (target.kind === "chat_identifier") return { chat_identifier: target.identifier };
  if (target.kind === "handle") return { to: target.handle, service: target.service, region };
  if (expectedGuid === undefined || expectedGuid === "") return { chat_id: target.chatId };
  if (book.guidOf(target.chatId) === undefined) {
    const chats = await queries.chats(LISTED_CHATS).catch((error: unknown) => {
      throw certain(error);
    });
    for (const chat of chats) book.learn(chat);
  }
  // The number is only where to look first: imsg may answer from a database that took the place of the known one since, where the
  // number is somebody else's. A guid never is.
  const guid = book.guidOf(target.chatId);
  const found = guid !== undefined && sameChatGuid(guid, expectedGuid) ? guid : book.find(expectedGuid);
  return found === undefined ? undefined : { chat_guid: found };
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
