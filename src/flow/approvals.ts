// What agents ask for: configuration → what was decided once for all → an owner, asked in chat → decision, recorded whoever made it.
import { KeyedQueue } from "../lib/keyed-queue.ts";
import type { PartOrigin } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import type { ConversationId, ApprovalId } from "../model/ids.ts";
import type { NewGroup } from "../model/journal.ts";
import type { NewApproval, ApprovalDecision, ApprovalRequest } from "../model/approval.ts";
import type { Target } from "../model/target.ts";
import { writtenText } from "../model/message-text.ts";
import type { Turn } from "../model/turn.ts";
import { groupOf } from "../rules/group.ts";
import { chooseOption, isAllowing, isStanding } from "../rules/approval-options.ts";
import {
  composeApproval,
  composeConfirmation,
  composeExpiry,
  composeReminder,
  type Behalf,
} from "../rules/compose-approval.ts";
import { actsAsOwner } from "../rules/owner.ts";
import { composeReplyTarget } from "../rules/reply-target.ts";
import type { AccountContext } from "./frame.ts";
import { newest } from "./turn-end.ts";

/** Where a question goes. */
interface Place {
  readonly owner: Handle;
  readonly target: Target;
  /** Undefined: the owner's direct chat, whichever that is. */
  readonly conversationId: ConversationId | undefined;
}

/** A question that waits for an answer. */
interface OpenApproval {
  readonly turn: Turn;
  readonly request: ApprovalRequest;
  readonly place: Place;
  readonly wake: () => void;
  isReminded: boolean;
}

const NOBODY = { optionId: undefined, decider: undefined } as const;

/** Decides what the agents of one account may do. */
export class Approvals {
  readonly #context: AccountContext;
  readonly #onOutbox: () => void;
  /** One question a place: the next is asked when that is answered. */
  readonly #places = new KeyedQueue<string>(Number.MAX_SAFE_INTEGER);
  readonly #open = new Map<ApprovalId, OpenApproval>();

  constructor(context: AccountContext, onOutbox: () => void) {
    this.#context = context;
    this.#onOutbox = onOutbox;
  }

  /** The agent of a turn asks; `signal` is aborted when nobody waits for the answer any more. Contract: see `TurnHost.ask`. */
  async ask(turn: Turn, request: ApprovalRequest, signal: AbortSignal): Promise<string | undefined> {
    const over = Promise.withResolvers<undefined>();
    const end = (): void => over.resolve(undefined);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    try {
      return await Promise.race([over.promise, this.#decide(turn, request, signal)]);
    } catch (cause) {
      this.#context.log.error("a question of an agent could not be put; it is denied", {
        turnId: turn.id,
        cause: String(cause),
      });
      return chooseOption(request, "deny")?.id;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  /** An owner's answer is recorded; whoever waits for it goes on. */
  onAnswer(id: ApprovalId): void {
    this.#open.get(id)?.wake();
  }

  /** A message that is no answer waits behind a question: whoever wrote it is told once what is waited for. */
  onMessage(conversationId: ConversationId, handle: Handle | undefined): void {
    for (const open of this.#open.values()) {
      const isHere = open.place.conversationId === conversationId && open.place.owner === handle;
      if (!isHere || open.isReminded) continue;
      open.isReminded = true;
      this.#say(open.place, composeReminder(open.request)).catch((cause: unknown) => {
        this.#context.log.error("a reminder could not be sent", { cause: String(cause) });
      });
    }
  }

  async #decide(turn: Turn, request: ApprovalRequest, signal: AbortSignal): Promise<string | undefined> {
    const { id: turnId, attempt, accountId, conversationId, agentId } = turn;
    const approval: NewApproval = { turnId, attempt, accountId, conversationId, agentId, request };
    const made = (await this.#decideAlone(approval)) ?? this.#decideUnasked(turn, request);
    if (!("owner" in made)) return this.#note(approval, made);
    return this.#places.add(made.owner, async () => {
      if (signal.aborted) return undefined;
      // What was answered while this one queued may have answered it as well.
      const meanwhile = await this.#decideAlone(approval);
      if (meanwhile) return this.#note(approval, meanwhile);
      return this.#askOwner(approval, { turn, place: made, signal });
    });
  }

  async #note(approval: NewApproval, made: ApprovalDecision): Promise<string | undefined> {
    await this.#context.store.approvals.note(approval, made, this.#context.clock.now());
    this.#log(approval, made);
    return made.optionId;
  }

  /** By the configuration, or by what an owner decided before. */
  async #decideAlone({ agentId, request }: NewApproval): Promise<ApprovalDecision | undefined> {
    const runtime = this.#context.agent(agentId)?.settings.runtime;
    const policy = runtime?.type === "acp" ? runtime.permissions : "ask";
    if (policy !== "ask") return decision(request, policy, { by: "configuration", decider: undefined });
    const standing = await this.#context.store.approvals.standing(agentId, request.tool);
    if (standing === undefined) return undefined;
    // What was allowed by somebody who owns nothing any more is asked again.
    const { accounts } = this.#context.frame().settings;
    const isOwner = accounts.some(({ owners }) => owners.includes(standing.grantedBy));
    if (standing.allowed && !isOwner) return undefined;
    const how = standing.allowed ? "allow" : "deny";
    return decision(request, how, { by: "remembered", decider: standing.grantedBy });
  }

  /** Whom to ask, and where; where there is nobody, that is a no. */
  #decideUnasked(turn: Turn, request: ApprovalRequest): Place | ApprovalDecision {
    const { account, settings } = this.#context.frame();
    const { message, handle } = newest(turn);
    const isOwner = actsAsOwner({ account, commands: settings.commands }, { message, handle });
    const target = composeReplyTarget(message, handle);
    if (isOwner && target && groupOf(account, message) === undefined)
      return { owner: handle, target, conversationId: turn.conversationId };
    const owner = isOwner && account.notified.includes(handle) ? handle : account.notified[0];
    if (owner === undefined) return decision(request, "deny", { by: "no-owner", decider: undefined });
    const direct: Target = { kind: "handle", handle: owner, service: account.service };
    return { owner, target: direct, conversationId: undefined };
  }

  async #askOwner(
    approval: NewApproval,
    { turn, place, signal }: { readonly turn: Turn; readonly place: Place; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    const { store, clock, timing } = this.#context;
    const { request, agentId } = approval;
    const nowMs = clock.now();
    const name = this.#context.agent(agentId)?.settings.name ?? agentId;
    const id = await store.approvals.ask(approval, {
      asked: place.owner,
      group: this.#group(place, "question", composeApproval(name, request, this.#behalf(turn, place))),
      nowMs,
      expiresAtMs: nowMs + timing.approvalMs,
    });
    if (id === undefined) return undefined;
    this.#onOutbox();
    this.#context.log.info(`question ${id} of agent ${agentId} is put to ${place.owner}`, {
      turnId: turn.id,
    });
    const by = await this.#wait(id, { turn, request, place, signal });
    const asked = { ...NOBODY, allowed: false, by };
    const no = by === "time-out" ? chooseOption(request, "deny") : undefined;
    const made = await store.approvals.settle(id, { ...asked, optionId: no?.id }, clock.now());
    this.#log(approval, made);
    await this.#conclude(request, made, place);
    return forAgent(request, made.optionId);
  }

  /** On whose behalf it is asked, where that cannot be seen in the chat. */
  #behalf(turn: Turn, { conversationId }: Place): Behalf | undefined {
    if (conversationId !== undefined) return undefined;
    const { message, handle } = newest(turn);
    const isGroup = groupOf(this.#context.frame().account, message) !== undefined;
    return { handle, group: isGroup ? message.chatName : undefined, text: writtenText(message) };
  }

  /** Waits for the answer, the time-out, or the end of the turn. */
  async #wait(
    id: ApprovalId,
    { signal, ...open }: Omit<OpenApproval, "wake" | "isReminded"> & { readonly signal: AbortSignal },
  ): Promise<"time-out" | "turn-over"> {
    const woken = Promise.withResolvers<"time-out" | "turn-over">();
    const end = (): void => woken.resolve("turn-over");
    const timer = setTimeout(() => woken.resolve("time-out"), this.#context.timing.approvalMs);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    // What an answer came to is read from the store, like everything else: it decided already.
    this.#open.set(id, { ...open, wake: end, isReminded: false });
    try {
      return await woken.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      this.#open.delete(id);
    }
  }

  async #conclude(request: ApprovalRequest, { by, optionId }: ApprovalDecision, place: Place): Promise<void> {
    if (by === "time-out") return this.#say(place, composeExpiry(request));
    const option = request.options.find(({ id }) => id === optionId);
    // Where the turn runs its answer follows.
    if (by === "owner" && option && place.conversationId === undefined)
      await this.#say(place, composeConfirmation(option.kind));
  }

  async #say(place: Place, text: string): Promise<void> {
    await this.#context.store.outbox.add(this.#group(place, "notice", text), this.#context.clock.now());
    this.#onOutbox();
  }

  #group({ target, conversationId }: Place, origin: PartOrigin, text: string): NewGroup {
    return { accountId: this.#context.accountId, conversationId, parts: [{ origin, target, text }] };
  }

  #log({ turnId, agentId, request }: NewApproval, { allowed, by }: ApprovalDecision): void {
    const what = request.title.slice(0, LONGEST_TITLE);
    this.#context.log.info(`agent ${agentId} ${allowed ? "may" : "may not"} (${by}): ${what}`, { turnId });
  }
}

const LONGEST_TITLE = 120;

/**
 * What the agent is told of an owner's answer: what holds for good is kept here, and asked for each time. An agent that is told "always" makes
 * a rule of its own of it, which nobody sees, which may hold for more, and which cannot be taken back.
 */
function forAgent(request: ApprovalRequest, optionId: string | undefined): string | undefined {
  const option = request.options.find(({ id }) => id === optionId);
  if (option === undefined || !isStanding(option.kind)) return optionId;
  return chooseOption(request, isAllowing(option.kind) ? "allow" : "deny")?.id;
}

function decision(
  request: ApprovalRequest,
  how: "allow" | "deny",
  made: Pick<ApprovalDecision, "by" | "decider">,
): ApprovalDecision {
  const option = chooseOption(request, how);
  return { ...made, allowed: option !== undefined && isAllowing(option.kind), optionId: option?.id };
}
