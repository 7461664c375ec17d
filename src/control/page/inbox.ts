// Everything that waits for the owner: agents' questions, strangers, messages that could not be sent, and what does not work.
import { createHash } from "node:crypto";
import type { PairingRequest } from "../../model/store.ts";
import type { OutboxItem } from "../../model/journal.ts";
import type { Settings } from "../../model/settings.ts";
import { renderEntry } from "../../model/target.ts";
import type { PendingApprovalView } from "../../model/views.ts";
import { viewAll } from "../../rules/view-approval.ts";
import { listRequests } from "../pairing/pairing.ts";
import { findingsOf, type Finding } from "../status/doctor.ts";
import type { RunningGateway } from "../status/running.ts";
import { readStatus, type StatusReport } from "../status/status.ts";
import { clipText } from "./piece.ts";

/** `GET inbox`: the oldest of each kind first. */
export interface InboxAnswer {
  readonly items: readonly InboxItem[];
  /** What waits beside the items given. */
  readonly more: number;
}

export type InboxItem = ApprovalItem | PairingItem | ParkedItem | WarningItem;

interface InboxItemBase {
  /** Stable: the same thing has the same id, and a button answers for the id that it was drawn for. */
  readonly id: string;
}

/** An agent's question. `POST approvals/:approvalId/answer` with `{ optionId }`; `approval/over` where it is settled already. */
export interface ApprovalItem extends InboxItemBase {
  readonly kind: "approval";
  readonly approvalId: number;
  readonly accountId: string;
  readonly agentId: string;
  readonly conversationId: number;
  /** Whose message the agent works on. */
  readonly onBehalfOf: string | undefined;
  readonly title: string;
  /** `edit`, `execute`, `fetch`, …; `other`. */
  readonly toolKind: string;
  /** All that the agent asks, hidden characters made visible, a line each; may be empty. */
  readonly detail: string;
  readonly detailChars: number;
  /** As they were offered in chat; an empty id is a no that the agent has no option for. */
  readonly options: readonly {
    readonly id: string;
    readonly label: string;
    readonly kind: "allow_once" | "allow_always" | "reject_once" | "reject_always";
  }[];
  readonly askedAtMs: number;
  readonly expiresAtMs: number;
}

/** A stranger. `POST pairings/:code/approve` with `{ account, owner? }`, `POST pairings/:code/deny` with `{ account }`. */
export interface PairingItem extends InboxItemBase {
  readonly kind: "pairing";
  readonly accountId: string;
  readonly handle: string;
  readonly code: string;
  readonly heldMessages: number;
  /** They may be let in as the owner: there is none yet. Later ones are made on the gateway's machine. */
  readonly canBeOwner: boolean;
  /** What they wrote first, clipped. */
  readonly firstText: string | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** A message that could not be sent. `POST outbox/:partId/retry`, `POST outbox/:partId/drop`. */
export interface ParkedItem extends InboxItemBase {
  readonly kind: "parked";
  readonly partId: number;
  readonly accountId: string;
  readonly conversationId: number | undefined;
  readonly to: string;
  readonly text: string;
  readonly textChars: number;
  readonly file: { readonly name: string; readonly bytes: number } | undefined;
  readonly reason: string;
  readonly attempts: number;
  readonly createdAtMs: number;
}

/** Something that does not work, or surely not as meant. */
export interface WarningItem extends InboxItemBase {
  readonly kind: "warning";
  readonly severity: "broken" | "warning";
  /** The account, or the place in the config. */
  readonly where: string | undefined;
  readonly message: string;
  readonly fix: string;
}

/** How much of each kind is given at once. */
const MOST_APPROVALS = 20;
const MOST_PAIRINGS = 30;
const MOST_PARKED = 30;
const MOST_WARNINGS = 30;
/** Of a question: all that fits; of 20 of them no more than a phone takes. */
const LONGEST_DETAIL = 20_000;
const ROOM_FOR_DETAILS = 100_000;
const LONGEST_TEXT = 500;

/** Reads it. */
export async function readInbox(running: RunningGateway, nowMs: number): Promise<InboxAnswer> {
  const { store } = running;
  const place = { settings: running.settings(), store };
  const [approvals, requests, parked, status] = await Promise.all([
    store.views.pendingApprovals(nowMs, MOST_APPROVALS + 1),
    listRequests(place, { accountId: undefined, nowMs }),
    store.outbox.list({ states: ["parked"], limit: MOST_PARKED + 1 }),
    readStatus(running, nowMs),
  ]);
  const canBeOwner = !hasOwner(place.settings);
  const firsts = await store.views.firstTexts(requests.slice(0, MOST_PAIRINGS));
  const kinds: readonly (readonly [items: readonly InboxItem[], most: number])[] = [
    [approvalItems(approvals), MOST_APPROVALS],
    [
      requests.map((request, index) => ({ ...pairingItem(request, firsts[index]), canBeOwner })),
      MOST_PAIRINGS,
    ],
    [parked.map(parkedItem).toReversed(), MOST_PARKED],
    [warningItems(status), MOST_WARNINGS],
  ];
  return {
    items: kinds.flatMap(([items, most]) => items.slice(0, most)),
    more: kinds.reduce((sum, [items, most]) => sum + Math.max(0, items.length - most), 0),
  };
}

/** True where somebody owns an account. */
export function hasOwner(settings: Settings): boolean {
  return settings.accounts.some(({ owners }) => owners.length > 0);
}

function approvalItems(approvals: readonly PendingApprovalView[]): readonly ApprovalItem[] {
  let room = ROOM_FOR_DETAILS;
  return approvals.map(({ record, conversationId, onBehalfOf, expiresAtMs }) => {
    const { id, accountId, agentId, request, offer, askedAtMs } = record;
    const { text: detail, textChars: detailChars } = clipText(
      viewAll(request).slice(1).join("\n"),
      Math.max(0, Math.min(LONGEST_DETAIL, room)),
    );
    room -= detail.length;
    return {
      kind: "approval",
      id: `approval-${id}`,
      approvalId: id,
      accountId,
      agentId,
      conversationId,
      onBehalfOf,
      title: clipText(request.title, LONGEST_TEXT).text,
      toolKind: request.toolKind,
      detail,
      detailChars,
      options: offer.options.map(({ optionId, label, kind }) => ({ id: optionId ?? "", label, kind })),
      askedAtMs,
      expiresAtMs,
    };
  });
}

function pairingItem(
  request: PairingRequest,
  firstText: string | undefined,
): Omit<PairingItem, "canBeOwner"> {
  const { accountId, handle, code, heldMessages, createdAtMs, expiresAtMs } = request;
  return {
    kind: "pairing",
    id: `pairing-${accountId}-${code}`,
    accountId,
    handle,
    code,
    heldMessages,
    firstText: firstText === undefined ? undefined : clipText(firstText, LONGEST_TEXT).text,
    createdAtMs,
    expiresAtMs,
  };
}

function parkedItem(part: OutboxItem): ParkedItem {
  return {
    kind: "parked",
    // Parked again it is another question.
    id: `parked-${part.id}-${part.attempts}`,
    partId: part.id,
    accountId: part.accountId,
    conversationId: part.conversationId,
    to: part.chat?.peer ?? renderEntry(part.target),
    ...clipText(part.text, LONGEST_TEXT),
    file: part.file && { name: part.file.name, bytes: part.file.bytes },
    reason: clipText(part.reason ?? "", LONGEST_TEXT).text,
    attempts: part.attempts,
    createdAtMs: part.createdAtMs,
  };
}

/** What is asked above is not said again below. */
function warningItems(status: StatusReport): readonly WarningItem[] {
  const accounts = status.accounts.map((account) => ({
    ...account,
    warnings: account.warnings.filter(({ isAsked }) => isAsked !== true),
  }));
  return findingsOf({ ...status, accounts }, []).map(warningItem);
}

function warningItem({ severity, where, message, fix }: Finding): WarningItem {
  const hash = createHash("sha256")
    .update(JSON.stringify([where, message]))
    .digest("hex");
  return { kind: "warning", id: `warning-${hash.slice(0, 12)}`, severity, where, message, fix };
}
