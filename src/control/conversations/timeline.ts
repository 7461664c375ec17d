// One conversation as it happened: what people wrote and what was decided, the agent's turns, its questions, and our messages.
import type { OutboxItem } from "../../model/journal.ts";
import type { Store } from "../../model/store.ts";
import type { Happening, TimelinePlace } from "../../model/views.ts";
import { describeApproval, describeApprovalDecision } from "../approvals/approval-words.ts";
import { badKey, clipText, makePage, type Page } from "../page/piece.ts";
import { requireConversation } from "./list.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

/** One row of a timeline. */
export type TimelineRow = MessageRow | TurnRow | PartRow | ApprovalRow;

interface TimelineRowBase {
  /** Stable and unique in the timeline. */
  readonly key: string;
  readonly atMs: number;
}

/** What somebody wrote. `explain` has the whole of it. */
export interface MessageRow extends TimelineRowBase {
  readonly kind: "message";
  readonly guid: string;
  readonly rowId: number;
  /** Undefined: it was written on one of the owner's own devices. */
  readonly from: string | undefined;
  readonly fromName: string | undefined;
  readonly text: string;
  readonly textChars: number;
  readonly files: readonly {
    readonly name: string;
    readonly mimeType: string;
    readonly bytes: number;
    readonly missing: boolean;
  }[];
  /** A tapback, such as `❤️`. */
  readonly reaction: string | undefined;
  readonly verdict: Verdict | undefined;
}

/** An agent's run. */
export interface TurnRow extends TimelineRowBase {
  readonly kind: "turn";
  readonly turnId: string;
  readonly agentId: string;
  readonly state: "running" | "answered" | "failed" | "stopped";
  readonly attempts: number;
  readonly finishedAtMs: number | undefined;
  readonly failure: string | undefined;
}

/** A message of ours, on its way or out. */
export interface PartRow extends TimelineRowBase {
  readonly kind: "part";
  readonly partId: number;
  readonly origin: OutboxItem["origin"];
  readonly text: string;
  readonly textChars: number;
  readonly file: { readonly name: string; readonly bytes: number } | undefined;
  readonly state: OutboxItem["state"];
  readonly reason: string | undefined;
  readonly attempts: number;
  readonly sentAtMs: number | undefined;
}

/** What an agent asked, and what became of it. */
export interface ApprovalRow extends TimelineRowBase {
  readonly kind: "approval";
  readonly approvalId: number;
  readonly agentId: string;
  readonly title: string;
  /** In words: `allowed, by +15551234567: Allow once`. */
  readonly decision: string;
  readonly isPending: boolean;
}

const LONGEST_TEXT = 4000;
const LONGEST_NAME = 120;
const LONGEST_REASON = 500;
const MOST_FILES = 20;

/** A piece of a conversation's timeline, newest first. Throws `conversation/unknown`, `cli/usage`. */
export async function readTimeline(
  store: Store,
  idText: string,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<Page<TimelineRow>> {
  const { id } = await requireConversation(store, idText);
  const { items, isMore } = await store.views.timeline(id, { before: readPlace(before), limit });
  return makePage(items, { show: rowOf, keyOf: renderPlace, isMore });
}

function renderPlace({ atMs, kind, id }: TimelinePlace): string {
  return `${atMs}.${kind}.${id}`;
}

function readPlace(key: string | undefined): TimelinePlace | undefined {
  if (key === undefined) return undefined;
  const [, at, kind, id = ""] =
    /^(-?\d{1,15})\.(message|turn|approval|part)\.([\da-z]{1,40})$/.exec(key) ?? [];
  if (at === undefined) throw badKey(key);
  return { atMs: Number(at), kind: kind as TimelinePlace["kind"], id: kind === "turn" ? id : Number(id) };
}

function rowOf(happening: Happening): TimelineRow {
  const at = { key: `${happening.kind}-${happening.id}`, atMs: happening.atMs };
  switch (happening.kind) {
    case "message":
      return { ...at, kind: "message", ...messageOf(happening) };
    case "turn": {
      const { id, agentId, state, attempts, finishedAtMs, failure } = happening.turn;
      const why = failure === undefined ? undefined : clipText(failure, LONGEST_REASON).text;
      return { ...at, kind: "turn", turnId: id, agentId, state, attempts, finishedAtMs, failure: why };
    }
    case "approval": {
      const { id, agentId, request, decision } = happening.approval;
      const words = describeApprovalDecision(happening.approval);
      const title = describeApproval(request);
      return {
        ...at,
        kind: "approval",
        approvalId: id,
        agentId,
        title,
        decision: words,
        isPending: decision === undefined,
      };
    }
    case "part": {
      const { id, origin, text, file, state, reason, attempts, sentAtMs } = happening.part;
      return {
        ...at,
        kind: "part",
        partId: id,
        origin,
        ...clipText(text, LONGEST_TEXT),
        file: file && { name: file.name, bytes: file.bytes },
        state,
        reason: reason === undefined ? undefined : clipText(reason, LONGEST_REASON).text,
        attempts,
        sentAtMs,
      };
    }
  }
}

function messageOf({ entry, decision }: Extract<Happening, { kind: "message" }>) {
  const { guid, rowId, sender, senderName, isFromMe, text, attachments, reaction } = entry.message;
  return {
    guid,
    rowId,
    from: isFromMe ? undefined : sender,
    fromName: senderName === undefined ? undefined : clipText(senderName, LONGEST_NAME).text,
    ...clipText(attachments.length > 0 ? text.replaceAll("\uFFFC", "").trim() : text, LONGEST_TEXT),
    files: attachments.slice(0, MOST_FILES).map(({ name, mimeType, bytes, missing }) => ({
      name: clipText(name, LONGEST_NAME).text,
      mimeType: clipText(mimeType, LONGEST_NAME).text,
      bytes,
      missing,
    })),
    reaction: reaction && `${reaction.added ? "" : "−"}${clipText(reaction.emoji || reaction.type, 20).text}`,
    verdict: decision && verdictOf(decision),
  };
}
