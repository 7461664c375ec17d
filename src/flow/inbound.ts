// rows → journal → decide → record → hand over: the whole path of an inbound row.
import { randomBytes } from "node:crypto";
import type { Handle } from "../model/handle.ts";
import type { ConversationId } from "../model/ids.ts";
import type { DecidedEntry, Entry, EntryFacts } from "../model/journal.ts";
import type { WatchEvent } from "../model/ports.ts";
import type { Verdict } from "../model/store.ts";
import { decideAdmission, type AdmitPolicy } from "../rules/admit.ts";
import { PAIRING_CODE_BYTES, pairingCode } from "../rules/pairing.ts";
import { senderOf, type AccountContext, type Frame } from "./frame.ts";

/** What an inbound flow hands over to. */
export interface InboundExits {
  /** Messages of this conversation wait for a turn. */
  onWaiting(entry: Entry, conversationId: ConversationId): void;
  /** Something was put into the outbox. */
  onOutbox(): void;
  /** These rows came before Messages joined them to a chat. */
  onUnjoined(entries: readonly Entry[]): void;
}

type Rows = Extract<WatchEvent, { kind: "rows" }>;

/**
 * Takes rows in. Journal and decision are asked for together, so that both are in one commit where the store can; a crash between
 * them is made good by `decideOpen` at the next start.
 */
export async function takeIn(context: AccountContext, rows: Rows, exits: InboundExits): Promise<void> {
  const nowMs = context.clock.now();
  const accepting = context.store.inbox.accept(context.accountId, {
    rows: rows.rows,
    cursor: rows.cursor,
    missed: rows.missed,
    healthyAtMs: rows.healthyAtMs,
    nowMs,
  });
  const deciding = decideOpen(context, exits);
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
export async function decideOpen(context: AccountContext, exits: InboundExits): Promise<void> {
  const frame = context.frame();
  const decided = await context.store.inbox.decide(context.accountId, verdict(context, frame));
  for (const one of decided) handOver(context, one, exits);
}

function verdict(context: AccountContext, frame: Frame): Verdict {
  const { account, settings } = frame;
  const policy: AdmitPolicy = {
    account,
    age: { maxAgeMs: account.catchupMaxAgeMs, openedAtMs: context.openedAtMs },
    route: {
      accountId: account.id,
      bindings: settings.bindings,
      defaultAgentId: settings.defaultAgentId,
      dmScope: settings.dmScope,
    },
    configVersion: settings.version,
    newCode: () => pairingCode(randomBytes(PAIRING_CODE_BYTES)),
  };
  return {
    decide: (entry: Entry, handle: Handle | undefined, facts: EntryFacts) =>
      decideAdmission(policy, entry, { handle, facts }),
    handleOf: (message) => senderOf(frame, message),
    nowMs: context.clock.now(),
    owners: account.owners,
  };
}

function handOver(context: AccountContext, decided: DecidedEntry, exits: InboundExits): void {
  const { entry, decision } = decided;
  const { outcome } = decision;
  context.observer.step("rows.decided", {
    accountId: context.accountId,
    entryId: entry.id,
    guid: entry.message.guid,
    text: describe(decided),
  });
  if (outcome.kind === "turn" && entry.conversationId !== undefined)
    exits.onWaiting(entry, entry.conversationId);
  const hasReply = outcome.kind === "hold" && outcome.request !== undefined;
  if (hasReply || decision.notice !== undefined || decision.settles !== undefined) exits.onOutbox();
}

/** The decision as one line for the log and the event stream. */
function describe({ entry, decision }: DecidedEntry): string {
  const who = decision.handle ?? "(no sender)";
  const { outcome } = decision;
  const verdict =
    outcome.kind === "turn"
      ? `turn for agent ${outcome.agentId}`
      : `${outcome.kind}: ${outcome.because} (${outcome.code})`;
  return `message ${entry.message.rowId} from ${who}: ${verdict}`;
}
