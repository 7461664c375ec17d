// rows → service of owners' rows → journal → decide → record → hand over: the whole path of an inbound row.
import { randomBytes } from "node:crypto";
import type { CommandEntry } from "../model/command.ts";
import type { Outcome } from "../model/decision.ts";
import type { Handle } from "../model/handle.ts";
import type { ConversationId, ApprovalId } from "../model/ids.ts";
import type { DecidedEntry, Entry, EntryFacts } from "../model/journal.ts";
import type { WatchEvent } from "../model/ports.ts";
import type { Verdict } from "../model/store.ts";
import { admitPolicy } from "../rules/admit-policy.ts";
import { decideAdmission } from "../rules/admit.ts";
import type { ClockSkew } from "../rules/clock-skew.ts";
import { PAIRING_CODE_BYTES, pairingCode } from "../rules/pairing.ts";
import { isHollow, mustWait } from "./hollow.ts";
import { withServices } from "./service.ts";
import { senderOf, type AccountContext, type Frame } from "./frame.ts";

/** What an inbound flow hands over to. */
export interface InboundExits {
  /** A message, or a command that is carried out in turn with messages, waits in this conversation. */
  onWaiting(decided: DecidedEntry, conversationId: ConversationId): void;
  /** A command that is carried out at once. */
  onCommand(command: CommandEntry): void;
  /** An owner answered this question of an agent. */
  onAnswer(id: ApprovalId): void;
  /** Something was put into the outbox. */
  onOutbox(): void;
  /** These rows came before Messages joined them to a chat. */
  onUnjoined(entries: readonly Entry[]): void;
  /** Nothing is seen in these rows yet. */
  onHollow(entries: readonly Entry[]): void;
}

/** What rows of one account are taken in by. */
export interface Intake {
  readonly exits: InboundExits;
  readonly skew: ClockSkew;
}

type Rows = Extract<WatchEvent, { kind: "rows" }>;

/**
 * Takes rows in. Journal and decision are asked for together, so that both are in one commit where the store can; a crash between
 * them is made good by `decideOpen` at the next start.
 */
export async function takeIn(context: AccountContext, rows: Rows, intake: Intake): Promise<void> {
  const { exits, skew } = intake;
  const read = await withServices(context, rows.rows);
  const nowMs = context.clock.now();
  // Messages dates what this Apple ID writes by the Mac's clock, what others write by Apple's.
  const datesMs = rows.rows.filter(({ isFromMe }) => !isFromMe).map(({ createdAtMs }) => createdAtMs);
  const aheadMs = skew.learn({ datesMs, nowMs, missed: rows.missed });
  const accepting = context.store.inbox.accept(context.accountId, {
    rows: read,
    cursor: rows.cursor,
    missed: rows.missed,
    // Ages are told by Messages' clock where ours is another one.
    healthyAtMs: rows.healthyAtMs - aheadMs,
    nowMs,
  });
  const deciding = decideOpen(context, intake);
  // Awaited below; a failure of the first must not leave the second unhandled.
  deciding.catch(() => {});
  const accepted = await accepting;
  for (const entry of accepted)
    context.observer.step("rows.accepted", {
      accountId: context.accountId,
      entryId: entry.id,
      guid: entry.message.guid,
    });
  const unjoined = accepted.filter((entry) => entry.conversationId === undefined);
  if (unjoined.length > 0) exits.onUnjoined(unjoined);
  await deciding;
}

/** Decides whatever is journaled and undecided, and hands it over. */
export async function decideOpen(context: AccountContext, { exits, skew }: Intake): Promise<void> {
  const frame = context.frame();
  const hollow: Entry[] = [];
  const decided = await context.store.inbox.decide(
    context.accountId,
    verdict(context, frame, { aheadMs: skew.aheadMs, onHollow: (entry) => hollow.push(entry) }),
  );
  if (hollow.length > 0) exits.onHollow(hollow);
  for (const one of decided) handOver(context, one, exits);
}

function verdict(
  context: AccountContext,
  frame: Frame,
  { aheadMs, onHollow }: { readonly aheadMs: number; readonly onHollow: (entry: Entry) => void },
): Verdict {
  const { account, settings } = frame;
  const since = { nowMs: context.clock.now(), limitMs: context.timing.hollowLimitMs };
  const policy = admitPolicy(settings, account, {
    openedAtMs: context.openedAtMs,
    aheadMs,
    newCode: () => pairingCode(randomBytes(PAIRING_CODE_BYTES)),
    readingMs: context.timing.readingMs,
  });
  return {
    decide: (entry: Entry, handle: Handle | undefined, facts: EntryFacts) =>
      decideAdmission(policy, entry, { handle, facts }),
    handleOf: (message) => senderOf(frame, message),
    defer: (entry, before) => {
      const waits = mustWait(entry, before, since);
      if (waits && isHollow(entry)) onHollow(entry);
      return waits;
    },
    nowMs: since.nowMs,
    owners: account.notified,
  };
}

function handOver(context: AccountContext, decided: DecidedEntry, exits: InboundExits): void {
  const { entry, decision } = decided;
  const { outcome } = decision;
  context.observer.step("rows.decided", {
    accountId: context.accountId,
    entryId: entry.id,
    guid: entry.message.guid,
    outcome: "code" in outcome ? outcome.code : outcome.kind,
    text: describe(decided),
  });
  const command = commandOf(context, decided);
  if (command && !command.command.inOrder) exits.onCommand(command);
  else if ((outcome.kind === "turn" || command) && entry.conversationId !== undefined)
    exits.onWaiting(decided, entry.conversationId);
  if (outcome.kind === "answer") exits.onAnswer(outcome.approvalId);
  const isAnswer = outcome.kind === "answer" || decision.reply !== undefined;
  const hasReply = isAnswer || (outcome.kind === "hold" && outcome.request !== undefined);
  if (hasReply || decision.notice !== undefined || decision.settles !== undefined) exits.onOutbox();
}

function commandOf({ accountId }: AccountContext, decided: DecidedEntry): CommandEntry | undefined {
  const { entry, decision } = decided;
  const { outcome, handle } = decision;
  const { id: entryId, conversationId, message } = entry;
  if (outcome.kind !== "command" || handle === undefined || conversationId === undefined) return undefined;
  const { command, agentId, sessionKey } = outcome;
  const route = { agentId, sessionKey };
  return { entryId, accountId, conversationId, handle, message, command, ...route, wasBegun: false };
}

/** The decision as one line for the log and the event stream. */
function describe({ entry, decision }: DecidedEntry): string {
  const who = decision.handle ?? "(no sender)";
  const { outcome } = decision;
  return `message ${entry.message.rowId} from ${who}: ${describeOutcome(outcome)}`;
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case "turn":
      return `turn for agent ${outcome.agentId}`;
    case "answer":
      return `answer to request ${outcome.approvalId}: ${outcome.label}`;
    case "command":
      return `command /${outcome.command.name}, ${outcome.command.role}`;
    default: {
      const said = `${outcome.kind}: ${outcome.because} (${outcome.code})`;
      // What to do names a key that nobody can guess.
      return outcome.kind === "ignore" && outcome.code === "groupish.unconfigured"
        ? `${said}. ${outcome.fix}`
        : said;
    }
  }
}
