// The outbox as a person sees it: what waits or is stuck, sent again or dropped by hand.
import type { Actor } from "../../model/activity.ts";
import { GatewayError } from "../../model/errors.ts";
import type { PartState } from "../../model/delivery.ts";
import { asId, type AccountId, type PartId } from "../../model/ids.ts";
import type { OutboxItem } from "../../model/journal.ts";
import type { Settings } from "../../model/settings.ts";
import type { Store } from "../../model/store.ts";
import { renderSpan } from "../span.ts";
import { sendBudgetOf, type SendBudget } from "../status/send-budget.ts";

const UNFINISHED: readonly PartState[] = ["queued", "sending", "unknown", "parked"];

/** What a message says, for people: its text, or which file it is. */
export function describeContent({ text, file }: Pick<OutboxItem, "text" | "file">): string {
  return file === undefined ? text : `[file ${file.name}, ${file.bytes} bytes]`;
}

/** Why a message is not sent: the last reason, and the first where that was another one. */
export function describeReasons({ reason, firstReason }: OutboxItem): string {
  if (firstReason === undefined || firstReason === reason) return reason ?? "";
  return reason === undefined ? `at first: ${firstReason}` : `${reason} (at first: ${firstReason})`;
}

const CUT_SHORT = "the gateway ended while it was being sent";

/** A message as it is when no gateway runs: none is being sent then. */
export function asLeft(part: OutboxItem): OutboxItem {
  return part.state === "sending" ? { ...part, state: "unknown", reason: part.reason ?? CUT_SHORT } : part;
}

/** What bears on when a message goes. */
export interface SendSurroundings {
  readonly nowMs: number;
  /** A gateway runs. */
  readonly isRunning: boolean;
  /** Its account waits for the send budget. */
  readonly isHeld: boolean;
}

/** When a message is tried or looked for next; `-` for what is over or waits for a person. */
export function describeNext(part: OutboxItem, { nowMs, isRunning, isHeld }: SendSurroundings): string {
  const { state, notBeforeMs, waitsFor } = part;
  if (state !== "queued" && state !== "unknown") return state === "sending" ? "now" : "-";
  if (waitsFor !== undefined) return `after ${waitsFor}`;
  const verb = state === "unknown" ? "looked for " : "";
  const waitMs = notBeforeMs - nowMs;
  if (!isRunning) return `${verb}when the gateway runs`;
  if (state === "queued" && isHeld) return "when the send budget allows";
  return waitMs <= 0 ? `${verb}now` : `${verb}in ${renderSpan(waitMs)}`;
}

/** Which messages are listed; without an account, those of all. */
export interface OutboxChoice {
  readonly all: boolean;
  readonly limit: number;
  readonly accountId: AccountId | undefined;
}

/** Messages on their way out, newest first; with `all`, those that were sent or dropped too. */
export async function listOutbox(
  store: Store,
  { all, limit, accountId }: OutboxChoice,
): Promise<readonly OutboxItem[]> {
  const states = all ? {} : { states: UNFINISHED };
  if (accountId === undefined) return store.outbox.list({ ...states, limit });
  const ofAll = await store.outbox.list({ ...states, limit: Number.MAX_SAFE_INTEGER });
  return ofAll.filter((part) => part.accountId === accountId).slice(0, limit);
}

/** An account whose messages wait because its send budget is used up. */
export interface HeldAccount extends SendBudget {
  readonly accountId: AccountId;
}

/** The accounts whose messages wait for the send budget. */
export async function listHeld(
  settings: Settings,
  store: Store,
  { accountId, nowMs }: { readonly accountId: AccountId | undefined; readonly nowMs: number },
): Promise<readonly HeldAccount[]> {
  const asked = settings.accounts.filter(({ id }) => accountId === undefined || id === accountId);
  const all = await Promise.all(
    asked.map(async (account) => {
      const overview = await store.records.overview(account.id, nowMs);
      return { accountId: account.id, ...sendBudgetOf(account, overview) };
    }),
  );
  return all.filter(({ isHolding }) => isHolding);
}

/** Who changes something about a message, and when. */
export interface OutboxAct {
  readonly nowMs: number;
  /** Undefined: the command line. */
  readonly by?: Actor;
}

/** Queues a parked message again. Throws `outbox/unknown`. */
export async function retryPart(store: Store, idText: string, { nowMs, by }: OutboxAct): Promise<OutboxItem> {
  const part = await requirePart(store, idText);
  if (await store.outbox.retry(part.id, nowMs, by)) return requirePart(store, idText);
  throw new GatewayError(
    "outbox/unknown",
    `Message ${part.id} is ${part.state}: only a parked one can be retried.`,
    {
      hint: "See `coderclaw outbox list`; what is queued or unknown is tried again by itself.",
    },
  );
}

/** Drops a message that is not sent; those behind it go on. Throws `outbox/unknown`. */
export async function dropPart(store: Store, idText: string, { nowMs, by }: OutboxAct): Promise<OutboxItem> {
  const part = await requirePart(store, idText);
  if (await store.outbox.drop(part.id, nowMs, by)) return requirePart(store, idText);
  throw new GatewayError("outbox/unknown", `Message ${part.id} is ${part.state} and cannot be dropped.`, {
    hint: "Only what is queued, unknown or parked can be dropped: see `coderclaw outbox list`.",
  });
}

async function requirePart(store: Store, idText: string): Promise<OutboxItem> {
  const id = /^\d+$/.test(idText) ? asId<PartId>(Number(idText)) : undefined;
  const part = id === undefined ? undefined : await store.outbox.find(id);
  if (part !== undefined) return part;
  throw new GatewayError("outbox/unknown", `The outbox has no message ${idText}.`, {
    hint: "See `coderclaw outbox list --all`.",
  });
}
