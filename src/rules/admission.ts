// What the gates of one row share: what they look at, what they note, and the verdicts they end in.
import type { Decision, Gate, IgnoreCode, Outcome, RememberCode } from "../model/decision.ts";
import type { EntryId, PartId } from "../model/ids.ts";
import type { Entry, EntryFacts } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AccountSettings } from "../model/settings.ts";
import type { AdmitPolicy } from "./admit-policy.ts";

/** An outcome with what it changes beside. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly settles?: PartId;
  readonly settlesWhole?: true;
  readonly pairs?: EntryId;
  readonly echoes?: PartId;
  readonly mirrorStreak?: number;
  readonly notice?: string;
  readonly noticeOnce?: string;
  readonly reply?: NonNullable<Decision["reply"]>;
  readonly about?: NonNullable<Decision["about"]>;
}

/** One row on its way through the gates; lives for one decision. */
export class Admission {
  /** In the order they were passed, what stopped the row last. */
  readonly gates: Gate[] = [];
  readonly policy: AdmitPolicy;
  readonly entry: Entry;
  readonly message: InboundMessage;
  readonly facts: EntryFacts;

  constructor(policy: AdmitPolicy, entry: Entry, facts: EntryFacts) {
    this.policy = policy;
    this.entry = entry;
    this.message = entry.message;
    this.facts = facts;
  }

  /** Notes a check; the answer is `passed`. */
  gate(name: string, saw: string, passed: boolean): boolean {
    this.gates.push({ name, saw, passed });
    return passed;
  }
}

/** Not answered; `fix` says what to do if it should be. */
export function ignore(code: IgnoreCode, because: string, fix: string): Verdict {
  return { outcome: { kind: "ignore", code, because, fix } };
}

/** Kept in the journal and not answered. */
export function remember(code: RememberCode, because: string): Verdict {
  return { outcome: { kind: "remember", code, because } };
}

/** Kept, and shown to the agent of the group with the next message it answers there. */
export function rememberAsContext(code: RememberCode, because: string): Verdict {
  return { outcome: { kind: "remember", code, because, asContext: true } };
}

/** A key of an account as the config file has it: on the channel, or on the account where that sets it itself. */
export function configKey({ id }: AccountSettings, key: string): string {
  const onChannel = `channels.imessage.${key}`;
  if (id === "default") return onChannel;
  const account = /^[a-z_]\w*$/.test(id) ? `.${id}` : `["${id}"]`;
  return `${onChannel} (where the account has its own: channels.imessage.accounts${account}.${key})`;
}
