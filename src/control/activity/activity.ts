// The record of activity as people read it: who allowed what, config changes, sign-ins, failures.
import type { ActivityEntry, ActivityKind } from "../../model/activity.ts";
import { GatewayError } from "../../model/errors.ts";
import { renderJson } from "../../model/plain-line.ts";
import type { Store } from "../../model/store.ts";
import { makePage, readNumberKey, type Page } from "../page/piece.ts";

/** One entry. */
export interface ActivityItem {
  readonly id: number;
  readonly atMs: number;
  readonly kind: ActivityKind;
  /** `command line`, `chat +15551234567`, `page session 3`, `gateway`. */
  readonly actor: string;
  readonly accountId: string | undefined;
  readonly conversationId: number | undefined;
  /** One sentence. */
  readonly text: string;
}

export type { ActivityKind };

/** Which entries; texts as people gave them. */
export interface ActivityChoice {
  readonly kind?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The kinds there are. */
export const ACTIVITY_KINDS = [
  "pairing",
  "approval",
  "config",
  "sign-in",
  "outbox",
  "session",
  "failure",
] as const satisfies readonly ActivityKind[];

const EXPORT_PIECE = 500;

/** A piece of the record, newest first. Throws `cli/usage`. */
export async function listActivity(
  { activity }: Pick<Store, "activity">,
  { kind, before, limit }: ActivityChoice,
): Promise<Page<ActivityItem>> {
  const page = { kind: readKind(kind), before: readNumberKey(before), limit: limit + 1 };
  const entries = await activity.list(page);
  return makePage(entries.slice(0, limit), {
    show: itemOf,
    keyOf: ({ id }) => `${id}`,
    isMore: entries.length > limit,
  });
}

/** The whole record as JSON lines, newest first, piece by piece. Throws `cli/usage` before the first of them. */
export function exportActivity(
  { activity }: Pick<Store, "activity">,
  kindText: string | undefined,
): AsyncGenerator<string> {
  const kind = readKind(kindText);
  async function* lines(): AsyncGenerator<string> {
    let before: number | undefined;
    for (;;) {
      const entries = await activity.list({ kind, before, limit: EXPORT_PIECE });
      if (entries.length > 0) yield entries.map((entry) => `${renderJson(itemOf(entry))}\n`).join("");
      before = entries.at(-1)?.id;
      if (entries.length < EXPORT_PIECE) return;
    }
  }
  return lines();
}

function readKind(text: string | undefined): ActivityKind | undefined {
  if (text === undefined || text === "") return undefined;
  const kind = ACTIVITY_KINDS.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new GatewayError("cli/usage", `There is no kind of activity ${JSON.stringify(text.slice(0, 40))}.`, {
    hint: `It can be: ${ACTIVITY_KINDS.join(", ")}.`,
  });
}

function itemOf({ id, atMs, kind, actor, accountId, conversationId, text }: ActivityEntry): ActivityItem {
  return { id, atMs, kind, actor, accountId, conversationId, text };
}
