// Decides about one inbound row: the gates, in order, each with what it saw.
import type { Decision, Gate, IgnoreCode, Outcome, RememberCode } from "../model/decision.ts";
import type { Handle } from "../model/handle.ts";
import type { PartId } from "../model/ids.ts";
import type { Entry, EntryFacts } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AccountSettings } from "../model/settings.ts";
import { entryNamesChat } from "../model/target.ts";
import { decideAge, type AgePolicy } from "./age.ts";
import { isSelfChat, matchFalseCopy, matchOwnRow, MIRROR_AFTER, mirrorNotice, mirrorStreak } from "./echo.ts";
import { decidePairing, PAIRING_LIFETIME_MS, pairingNotice, pairingReply } from "./pairing.ts";
import { composeTarget } from "./reply-target.ts";
import { decideRoute, type RoutePolicy } from "./route.ts";

/** What admission goes by, for one account under one config. */
export interface AdmitPolicy {
  readonly account: AccountSettings;
  readonly age: AgePolicy;
  readonly route: RoutePolicy;
  readonly configVersion: string;
  /** Gives a fresh pairing code. */
  readonly newCode: () => string;
}

/** Decides about one row. Contract: looks at nothing but its arguments. */
export function decideAdmission(
  policy: AdmitPolicy,
  entry: Entry,
  sender: { readonly handle: Handle | undefined; readonly facts: EntryFacts },
): Decision {
  const admission = new Admission(policy, entry, sender.facts);
  const { outcome, ...rest } = admission.decide(sender.handle);
  return {
    outcome,
    gates: admission.gates,
    handle: sender.handle,
    configVersion: policy.configVersion,
    mirrorStreak: sender.facts.mirrorStreak,
    ...rest,
  };
}

/** An outcome with what it changes beside. */
interface Verdict {
  readonly outcome: Outcome;
  readonly settles?: PartId;
  readonly echoes?: PartId;
  readonly mirrorStreak?: number;
  readonly notice?: string;
}

/** The gates of one row; lives for one decision. */
class Admission {
  readonly gates: Gate[] = [];
  readonly #policy: AdmitPolicy;
  readonly #entry: Entry;
  readonly #message: InboundMessage;
  readonly #facts: EntryFacts;

  constructor(policy: AdmitPolicy, entry: Entry, facts: EntryFacts) {
    this.#policy = policy;
    this.#entry = entry;
    this.#message = entry.message;
    this.#facts = facts;
  }

  decide(handle: Handle | undefined): Verdict {
    const verdict = this.#ownRow() ?? this.#content() ?? this.#age() ?? this.#chatKind();
    if (verdict) return verdict;
    if (handle === undefined) {
      this.#gate("sender", "no handle", false);
      return ignore(
        "sender.missing",
        "the row names no sender",
        "Nothing can be done: there is nobody to answer.",
      );
    }
    return this.#directPolicy(handle) ?? this.#mirror(handle) ?? this.#turn(handle);
  }

  #gate(name: string, saw: string, passed: boolean): void {
    this.gates.push({ name, saw, passed });
  }

  #ownRow(): Verdict | undefined {
    const { account } = this.#policy;
    if (this.#message.isFromMe) {
      this.#gate("own row", "is_from_me", false);
      const settles = matchOwnRow(this.#message, this.#facts);
      const because =
        settles === undefined ? "written by this Apple ID elsewhere" : "our own message come back";
      return { ...remember("own.row", because), ...(settles === undefined ? {} : { settles }) };
    }
    const selfChat = isSelfChat(this.#message, account.selfHandles, account.region);
    const copied = selfChat ? matchFalseCopy(this.#message, this.#facts) : this.#facts.ownByGuid?.id;
    if (copied !== undefined) {
      this.#gate("own row", selfChat ? "false copy in a self chat" : "guid of ours", false);
      return { ...remember("own.echo", "a copy of what we sent"), echoes: copied };
    }
    this.#gate("own row", selfChat ? "self chat, not a copy of ours" : "from somebody else", true);
    return undefined;
  }

  #content(): Verdict | undefined {
    const { reaction, text, attachments } = this.#message;
    if (reaction) {
      this.#gate("content", `reaction ${reaction.type}`, false);
      return remember("reaction", "a reaction is an event, not a message");
    }
    if (text.trim() === "" && attachments.length === 0) {
      this.#gate("content", "no text and no attachment", false);
      return remember("event.empty", "an event of the chat (rename, join) or an empty row");
    }
    this.#gate("content", `${text.length} characters, ${attachments.length} attachments`, true);
    return undefined;
  }

  #age(): Verdict | undefined {
    const verdict = decideAge(this.#policy.age, this.#entry, this.#facts.firstStartMs);
    this.#gate("age", verdict.saw, verdict.kind === "fresh");
    if (verdict.kind === "fresh") return undefined;
    const tooOld = verdict.code === "catchup.too-old";
    return remember(verdict.code, tooOld ? "missed too long ago to be answered" : "history is not answered");
  }

  #chatKind(): Verdict | undefined {
    const { isGroup, participants, chatId } = this.#message;
    if (isGroup) {
      this.#gate("chat kind", "group", false);
      return ignore(
        "group.unsupported",
        "groups are not supported by this version",
        "Write to the agent in a direct chat.",
      );
    }
    if (participants.length > 1) {
      this.#gate("chat kind", `${participants.length} participants in a chat that says it is direct`, false);
      return ignore(
        "groupish.unconfigured",
        `chat ${chatId} claims to be direct but has ${participants.length} participants`,
        `Such a thread needs channels.imessage.groups["${chatId}"], which this version does not support yet.`,
      );
    }
    this.#gate("chat kind", "direct", true);
    return undefined;
  }

  #directPolicy(handle: Handle): Verdict | undefined {
    const { account } = this.#policy;
    const name = "direct policy";
    if (account.dmPolicy === "disabled") {
      this.#gate(name, "disabled", false);
      return ignore(
        "dm.disabled",
        "dmPolicy is disabled",
        `Set dmPolicy of account ${account.id} to "pairing".`,
      );
    }
    const listed = this.#listedBy(handle);
    const paired = account.dmPolicy === "pairing" && this.#facts.paired;
    const admitted = account.dmPolicy === "open" || listed || paired;
    const how = account.dmPolicy === "open" ? "open" : listed ? "listed" : paired ? "paired" : "not listed";
    this.#gate(name, `${account.dmPolicy}, ${handle} ${how}`, admitted);
    if (admitted) return undefined;
    if (account.dmPolicy === "pairing") return this.#pairing(handle);
    return ignore("dm.not-allowed", `${handle} is not in allowFrom`, `Add "${handle}" to allowFrom.`);
  }

  #listedBy(handle: Handle): boolean {
    return this.#policy.account.allowFrom.some(
      (entry) =>
        entry.kind === "any" ||
        (entry.kind === "handle" ? entry.handle === handle : entryNamesChat(entry, this.#message)),
    );
  }

  #pairing(handle: Handle): Verdict {
    const { account, newCode } = this.#policy;
    const isSelf =
      account.selfHandles.includes(handle) || isSelfChat(this.#message, account.selfHandles, account.region);
    const verdict = decidePairing(this.#message, { handle, isSelf }, this.#facts);
    this.#gate("pairing", verdict.kind === "ask" ? "a new stranger" : verdict.because, false);
    if (verdict.kind !== "ask") return { outcome: verdict };
    const code = newCode();
    return {
      outcome: {
        kind: "hold",
        code: "pairing.code-sent",
        because: `${handle} is not known and was sent a pairing code`,
        fix: `Run \`coderclaw pairing approve imessage ${code}\` to let them in.`,
        request: {
          code,
          expiresAtMs: this.#facts.nowMs + PAIRING_LIFETIME_MS,
          reply: {
            origin: "pairing",
            target: composeTarget(this.#message, handle),
            text: pairingReply(handle, code),
          },
        },
      },
      notice: pairingNotice(handle, code, account.id),
    };
  }

  #mirror(handle: Handle): Verdict | undefined {
    const streak = mirrorStreak(this.#message, this.#facts);
    this.#gate("mirror", `${streak} in a row repeat our last reply`, streak < MIRROR_AFTER);
    if (streak < MIRROR_AFTER) return undefined;
    const verdict = ignore(
      "echo.mirror",
      `${streak} messages in a row were what we sent last: this is a mirror`,
      "It is answered again as soon as something else is written.",
    );
    return {
      ...verdict,
      mirrorStreak: streak,
      ...(streak === MIRROR_AFTER ? { notice: mirrorNotice(handle) } : {}),
    };
  }

  #turn(handle: Handle): Verdict {
    const route = decideRoute(this.#policy.route, this.#message, handle);
    this.#gate("route", route.because, true);
    return {
      outcome: { kind: "turn", agentId: route.agentId, sessionKey: route.sessionKey },
      mirrorStreak: mirrorStreak(this.#message, this.#facts),
    };
  }
}

function ignore(code: IgnoreCode, because: string, fix: string): Verdict {
  return { outcome: { kind: "ignore", code, because, fix } };
}

function remember(code: RememberCode, because: string): Verdict {
  return { outcome: { kind: "remember", code, because } };
}
