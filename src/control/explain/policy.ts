// What would be done about a message, without doing it: the same decision by the same code, on a message that nobody wrote.
import type { Gate, Outcome } from "../../model/decision.ts";
import type { KnownChat } from "../../model/delivery.ts";
import { GatewayError } from "../../model/errors.ts";
import { parseHandle, type Handle } from "../../model/handle.ts";
import { asId, type AccountId } from "../../model/ids.ts";
import type { Entry, EntryFacts } from "../../model/journal.ts";
import type { InboundMessage } from "../../model/message.ts";
import { loadPatternEngine, needsEngine } from "../../model/mention-pattern.ts";
import { serviceOf } from "../../model/service.ts";
import type { AccountSettings, Settings } from "../../model/settings.ts";
import type { Store } from "../../model/store.ts";
import { renderEntry, type Target } from "../../model/target.ts";
import { admitPolicy } from "../../rules/admit-policy.ts";
import { READING_MS } from "../../rules/approval-timing.ts";
import { decideAdmission } from "../../rules/admit.ts";
import { composeReplyTarget } from "../../rules/reply-target.ts";
import { chooseAccount } from "../accounts.ts";
import { describeOutcome, type OutcomeWords } from "./outcome-words.ts";
import { readChatEntry } from "../messages/chat-entry.ts";

/** A message that might be written. */
export interface PolicyQuestion {
  /** Needed only where there are several. */
  readonly accountId: string | undefined;
  readonly from: string;
  /** Every form of a chat; undefined: the direct chat with the sender. */
  readonly chat: string | undefined;
  /** What a chat is taken for that the journal does not know. */
  readonly isGroup: boolean;
  readonly text: string;
  /** By which service it comes, such as `SMS`; undefined: as the chat's guid says, else iMessage. */
  readonly service?: string | undefined;
}

/** What would be done. */
export interface PolicyAnswer {
  readonly accountId: AccountId;
  readonly handle: Handle;
  readonly chat: {
    readonly target: string;
    readonly isGroup: boolean;
    /** False: it is made up, so what the journal would say about it is not known. */
    readonly inJournal: boolean;
  };
  readonly gates: readonly Gate[];
  readonly outcome: Outcome;
  readonly words: OutcomeWords;
  /** Where the reply would go; undefined when there would be none. */
  readonly replyTo: string | undefined;
}

/** Where the question is asked. */
export interface PolicyPlace {
  readonly settings: Settings;
  /** Undefined: there is no state database yet. */
  readonly store: Store | undefined;
  readonly nowMs: number;
}

/** Answers. Contract: nothing is written; rejects with `account/unknown`, `send/bad-target` or `cli/usage`. */
export async function testPolicy(place: PolicyPlace, question: PolicyQuestion): Promise<PolicyAnswer> {
  const { settings, store, nowMs } = place;
  const account = chooseAccount(settings, question.accountId);
  const handle = readSender(account, question.from);
  const target = targetOf(question, handle);
  const known = await store?.records.chat(account.id, target);
  const message = composeMessage({ account, handle, target, known, question, nowMs });
  const facts = (await store?.records.facts(message, { handle, nowMs })) ?? blankFacts(message, nowMs);
  if (needsEngine(settings.agents.flatMap((agent) => agent.mentionPatterns))) await loadPatternEngine();
  const policy = admitPolicy(settings, account, {
    openedAtMs: nowMs,
    newCode: () => "CODE",
    readingMs: READING_MS,
  });
  const { gates, outcome } = decideAdmission(policy, entryOf(message, nowMs), { handle, facts });
  const isAnswered = outcome.kind === "turn" || outcome.kind === "command" || "request" in outcome;
  // A made-up chat has no name but the sender's.
  const isMadeUp = known === undefined && question.chat === undefined;
  const replyTo = isMadeUp ? target : composeReplyTarget(message, handle);
  return {
    accountId: account.id,
    handle,
    chat: { target: renderEntry(target), isGroup: message.isGroup, inJournal: known !== undefined },
    gates,
    outcome,
    words: describeOutcome(outcome),
    replyTo: isAnswered && replyTo !== undefined ? renderEntry(replyTo) : undefined,
  };
}

function readSender(account: AccountSettings, text: string): Handle {
  const handle = parseHandle(text, account.region);
  if (handle !== undefined) return handle;
  throw new GatewayError("cli/usage", "The sender is empty.", {
    hint: "Give --from a phone number or an e-mail.",
  });
}

function targetOf({ chat }: PolicyQuestion, handle: Handle): Target {
  return chat === undefined ? { kind: "handle", handle, service: "auto" } : readChatEntry(chat);
}

interface Imagined {
  readonly account: AccountSettings;
  readonly handle: Handle;
  readonly target: Target;
  readonly known: KnownChat | undefined;
  readonly question: PolicyQuestion;
  readonly nowMs: number;
}

function composeMessage({ account, handle, target, known, question, nowMs }: Imagined): InboundMessage {
  const names = known === undefined ? syntheticChat(target, handle) : namesOf(known);
  return {
    ...names,
    accountId: account.id,
    // Written after everything that is there.
    rowId: asId(Number.MAX_SAFE_INTEGER),
    guid: asId("policy-test"),
    sender: handle,
    service: question.service ?? serviceOf(names) ?? "iMessage",
    isFromMe: false,
    text: question.text,
    createdAtMs: nowMs,
    attachments: [],
    chatName: "",
    participants: participantsOf(known, handle),
    isGroup: known?.isGroup ?? question.isGroup,
  };
}

type ChatNames = Pick<InboundMessage, "chatId" | "chatGuid" | "chatIdentifier">;

function namesOf({ chatId, chatGuid, chatIdentifier }: KnownChat): ChatNames {
  return { chatId: asId(chatId), chatGuid: asId(chatGuid), chatIdentifier };
}

/** A chat of which no more is known than what it was named by. */
function syntheticChat(target: Target, handle: Handle): ChatNames {
  const nothing: ChatNames = { chatId: asId(0), chatGuid: asId(""), chatIdentifier: "" };
  switch (target.kind) {
    case "chat_id":
      return { ...nothing, chatId: asId(target.chatId) };
    case "chat_guid":
      return { ...nothing, chatGuid: asId(target.guid) };
    case "chat_identifier":
      return { ...nothing, chatIdentifier: target.identifier };
    default:
      return { ...nothing, chatGuid: asId(`any;-;${handle}`), chatIdentifier: handle };
  }
}

/** A chat of the journal without one other person has several, however it calls itself. */
function participantsOf(known: KnownChat | undefined, handle: Handle): readonly string[] {
  if (known === undefined || known.isGroup) return [handle];
  return known.peer === undefined ? [handle, "(others)"] : [known.peer];
}

function entryOf(message: InboundMessage, nowMs: number): Entry {
  return {
    id: asId(0),
    conversationId: undefined,
    message,
    receivedAtMs: nowMs,
    missed: false,
    healthyAtMs: nowMs,
  };
}

/** What a state database would say that knows nothing. */
function blankFacts({ chatId }: InboundMessage, nowMs: number): EntryFacts {
  return {
    ownByGuid: undefined,
    ownRecent: [],
    ownUnreturned: [],
    delivered: undefined,
    twin: undefined,
    lastReply: [],
    mirrorStreak: 0,
    paired: false,
    request: "none",
    pendingRequests: 0,
    groupName: `${chatId}`,
    pinnedAgent: undefined,
    busy: false,
    approvals: [],
    isMuted: false,
    wasGroupish: false,
    justBefore: [],
    firstStartMs: nowMs,
    nowMs,
  };
}
