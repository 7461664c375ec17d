// Tells the owners of a message that was given up: why, and how it goes out after all.
import type { OutboundPart } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import { plainLine } from "../model/plain-line.ts";
import { renderEntry } from "../model/target.ts";
import { composeNotice } from "../rules/compose-reply.ts";
import type { AccountContext } from "./frame.ts";

/** The same reason is told once in this time: when Messages refuses everything, one notice is enough. */
const QUIET_MS = 60 * 60_000;
/** Reasons remembered; each may name somebody else. */
const MOST_REASONS = 100;
const REASON_LENGTH = 300;

/** The notices of one account. */
export class ParkedNotices {
  readonly #context: AccountContext;
  /** When each reason was told last, oldest first. */
  readonly #told = new Map<string, number>();

  constructor(context: AccountContext) {
    this.#context = context;
  }

  /** True when a notice was put into the outbox. A notice that was given up itself is told to nobody. */
  async tell(part: OutboundPart, reason: string): Promise<boolean> {
    const { store, accountId, clock } = this.#context;
    const { account } = this.#context.frame();
    const nowMs = clock.now();
    const owners = account.notified.filter((owner) => !isFor(part, owner));
    if (part.origin === "notice" || owners.length === 0 || !this.#isNews(reason, nowMs)) return false;
    const text = parkedNotice(part, reason);
    for (const handle of owners) {
      const target = { kind: "handle", handle, service: account.service } as const;
      const parts = composeNotice(text, account, target);
      await store.outbox.add({ accountId, conversationId: undefined, parts }, nowMs);
    }
    return true;
  }

  #isNews(reason: string, nowMs: number): boolean {
    const toldAtMs = this.#told.get(reason);
    if (toldAtMs !== undefined && nowMs - toldAtMs < QUIET_MS) return false;
    this.#told.delete(reason);
    this.#told.set(reason, nowMs);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST_REASONS && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }
}

/** What the owner reads. */
export function parkedNotice({ id, target, chat }: OutboundPart, reason: string): string {
  const to = plainLine(chat?.peer ?? renderEntry(target), 100);
  return [
    `I could not send a message to ${to}: ${plainLine(reason, REASON_LENGTH)}`,
    `Send it with \`coderclaw outbox retry ${id}\`, or give it up with \`coderclaw outbox drop ${id}\`.`,
  ].join("\n");
}

/** What cannot reach an owner is not told to the same owner. */
function isFor({ target, chat }: OutboundPart, owner: Handle): boolean {
  return chat?.peer === owner || (target.kind === "handle" && target.handle === owner);
}
