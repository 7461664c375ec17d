// What agents ask for: configuration → what was decided once for all → owners, asked in chat → decision, recorded whoever made it.
import { KeyedQueue } from "../lib/keyed-queue.ts";
import type { ApprovalDecision, ApprovalOffer, ApprovalRequest } from "../model/approval.ts";
import type { AskPlace, EndNotices, NewApproval, Ticket } from "../model/approval-register.ts";
import type { ApprovalId } from "../model/ids.ts";
import type { ApprovalAnswer } from "../model/ports.ts";
import type { Turn } from "../model/turn.ts";
import { chooseOption, isAllowing, offerOptions } from "../rules/approval-options.ts";
import { composeExpiry, NO_OWNER, OWNER_SILENT } from "../rules/approval-replies.ts";
import { composeQuestion } from "../rules/compose-approval.ts";
import { viewRequest } from "../rules/view-approval.ts";
import type { AccountContext } from "./frame.ts";
import { behalfOf, noticeToSender, turnKindOf, whomToAsk, type Asked, type Place } from "./whom-to-ask.ts";
import type { YieldedPlaces } from "./yielded-places.ts";

/** A request on its way to people. */
interface Request {
  readonly turn: Turn;
  readonly approval: NewApproval;
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

const NOBODY: ApprovalAnswer = { optionId: undefined, isExplained: false };
/** Answers to requests that nobody here waited for yet; the newest are kept. */
const MOST_EARLY = 100;
const LONGEST_TITLE = 120;

/** Decides what the agents of one account may do. */
export class Approvals {
  readonly #context: AccountContext;
  readonly #onOutbox: () => void;
  readonly #places: YieldedPlaces;
  readonly #lines = new KeyedQueue<string>(Number.MAX_SAFE_INTEGER);
  readonly #waiting = new Map<ApprovalId, () => void>();
  readonly #early = new Set<ApprovalId>();

  constructor(
    context: AccountContext,
    exits: { readonly onOutbox: () => void; readonly places: YieldedPlaces },
  ) {
    this.#context = context;
    this.#onOutbox = exits.onOutbox;
    this.#places = exits.places;
  }

  /** The agent of a turn asks; `signal` is aborted when nobody waits for the answer any more. Contract: see `TurnHost.ask`. */
  async ask(turn: Turn, request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
    const over = Promise.withResolvers<ApprovalAnswer>();
    const end = (): void => over.resolve(NOBODY);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    try {
      return await Promise.race([over.promise, this.#decide(turn, request, signal)]);
    } catch (cause) {
      this.#context.log.error("could not ask for approval, so it is denied", {
        turnId: turn.id,
        cause: String(cause),
      });
      return { optionId: chooseOption(request, "deny")?.id, isExplained: false };
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  /** An owner's answer is recorded; whoever waits for it goes on. */
  onAnswer(id: ApprovalId): void {
    const wake = this.#waiting.get(id);
    if (wake) return wake();
    this.#early.add(id);
    const [oldest] = this.#early;
    if (oldest !== undefined && this.#early.size > MOST_EARLY) this.#early.delete(oldest);
  }

  /** Something outside of the flow may have decided: another process, or the control page. */
  async lookAgain(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const pending = new Set((await this.#context.store.approvals.pending()).map(({ id }) => id));
    for (const [id, wake] of this.#waiting) if (!pending.has(id)) wake();
  }

  async #decide(turn: Turn, request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
    const approval = this.#newApproval(turn, request);
    const alone = await this.#decideAlone(approval);
    if (alone) return this.#note(approval, alone);
    const asked = whomToAsk(turn, this.#context.frame());
    if (asked.places.length === 0)
      return this.#note(approval, decision(request, "deny", { by: "no-owner", decider: undefined }), turn);
    return this.#places.during(turn.id, async () =>
      this.#lines.add(asked.line, async () => {
        if (signal.aborted) return NOBODY;
        // What was answered while this one queued may have answered it as well.
        const meanwhile = await this.#decideAlone(approval);
        if (meanwhile) return this.#note(approval, meanwhile);
        return this.#askOwners({ turn, approval, asked, signal });
      }),
    );
  }

  #newApproval(turn: Turn, request: ApprovalRequest): NewApproval {
    const { id: turnId, attempt, accountId, conversationId, agentId } = turn;
    const turnKind = turnKindOf(turn, this.#context.frame());
    return { turnId, attempt, accountId, conversationId, agentId, turnKind, request };
  }

  /** A decision that nobody is asked for; `turn`: whoever started it is told. */
  async #note(approval: NewApproval, made: ApprovalDecision, turn?: Turn): Promise<ApprovalAnswer> {
    const { store, clock } = this.#context;
    const toSender = turn && noticeToSender(turn, NO_OWNER);
    await store.approvals.note(approval, made, { nowMs: clock.now(), toSender });
    if (toSender) this.#onOutbox();
    this.#log(approval, made);
    return { optionId: made.optionId, isExplained: toSender !== undefined };
  }

  /** By the configuration, or by what an owner decided before. */
  async #decideAlone({ agentId, turnKind, request }: NewApproval): Promise<ApprovalDecision | undefined> {
    const runtime = this.#context.agent(agentId)?.settings.runtime;
    const policy = runtime?.type === "acp" ? runtime.permissions : "ask";
    if (policy !== "ask") return decision(request, policy, { by: "configuration", decider: undefined });
    if (request.standing === undefined) return undefined;
    const standing = await this.#context.store.approvals.standing(agentId, turnKind, request.standing.key);
    if (standing === undefined) return undefined;
    // What was allowed by somebody who owns nothing any more is asked again.
    const { accounts } = this.#context.frame().settings;
    const isOwner = accounts.some(({ owners }) => owners.includes(standing.grantedBy));
    if (standing.allowed && !isOwner) return undefined;
    const how = standing.allowed ? "allow" : "deny";
    return decision(request, how, { by: "remembered", decider: standing.grantedBy });
  }

  async #askOwners({ turn, approval, asked, signal }: Request): Promise<ApprovalAnswer> {
    const { store, clock, timing, log } = this.#context;
    const { request, agentId, turnKind } = approval;
    const view = viewRequest(request);
    const offer = offerOptions(request, { turnKind, isWhole: view.isWhole });
    const agentName = this.#context.agent(agentId)?.settings.name ?? agentId;
    const nowMs = clock.now();
    const ticket = await store.approvals.ask(approval, {
      places: asked.places.map((place) =>
        this.#askPlace(turn, place, {
          agentName,
          request,
          view,
          offer,
          behalf: behalfOf(turn, place, this.#context.frame()),
        }),
      ),
      offer,
      nowMs,
      expiresAtMs: nowMs + timing.approvalMs,
      waiting: new Set(this.#waiting.keys()),
    });
    if (ticket === undefined) return NOBODY;
    this.#onOutbox();
    this.#step("approval.asked", turn, ticket.id);
    const whom = asked.places.map(({ owner }) => owner).join(", ");
    const how = ticket.isTakenOver ? "still waits for" : "is put to";
    log.info(`request ${ticket.id} of agent ${agentId} ${how} ${whom}`, { turnId: turn.id });
    // Whatever ends the turn ends the request with it; a turn that is run again takes it over.
    if (!(await this.#wait(ticket, signal))) return NOBODY;
    const denied = decision(request, "deny", { by: "time-out", decider: undefined });
    const told = { ...this.#endNotices(turn, request, asked.places), nowMs: clock.now() };
    const made = await store.approvals.take(ticket.id, denied, told);
    this.#onOutbox();
    this.#step("approval.taken", turn, ticket.id);
    this.#log(approval, made);
    return { optionId: optionFor(made, ticket.offer), isExplained: made.by === "time-out" };
  }

  #askPlace(
    { accountId, conversationId }: Turn,
    { owner, target, isTurnHere }: Place,
    question: Omit<Parameters<typeof composeQuestion>[0], "firstNumber">,
  ): AskPlace {
    const limit = this.#context.frame().account.textChunkLimit;
    return {
      owner,
      isTurnHere,
      compose: (firstNumber) => ({
        accountId,
        conversationId: isTurnHere ? conversationId : undefined,
        parts: composeQuestion({ ...question, firstNumber }, { target, limit }),
      }),
    };
  }

  /** Waits for the answer or the end of the time; false: for neither, the turn is over. */
  async #wait({ id, expiresAtMs, isDecided }: Ticket, signal: AbortSignal): Promise<boolean> {
    if (isDecided || this.#early.delete(id)) return true;
    const woken = Promise.withResolvers<boolean>();
    const end = (): void => woken.resolve(false);
    const timer = setTimeout(() => woken.resolve(true), Math.max(0, expiresAtMs - this.#context.clock.now()));
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    // What an answer came to is read from the store, like everything else: it decided already.
    this.#waiting.set(id, () => woken.resolve(true));
    try {
      return await woken.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      this.#waiting.delete(id);
    }
  }

  #endNotices(turn: Turn, request: ApprovalRequest, places: readonly Place[]): EndNotices {
    const isHere = places.some(({ isTurnHere }) => isTurnHere);
    const toSender = isHere ? undefined : noticeToSender(turn, OWNER_SILENT);
    return { toAsked: composeExpiry(request), toSender };
  }

  #step(step: "approval.asked" | "approval.taken", { accountId, id: turnId }: Turn, id: ApprovalId): void {
    this.#context.observer.step(step, { accountId, turnId, text: `request ${id} of turn ${turnId}` });
  }

  #log({ turnId, agentId, request }: NewApproval, { allowed, by }: ApprovalDecision): void {
    const what = request.title.slice(0, LONGEST_TITLE);
    this.#context.log.info(`agent ${agentId} ${allowed ? "may" : "may not"} (${by}): ${what}`, { turnId });
  }
}

/** What the agent is told of a decision. */
function optionFor({ by, optionId }: ApprovalDecision, { options }: ApprovalOffer): string | undefined {
  if (by !== "owner") return optionId;
  return options.find((option) => option.optionId === optionId)?.tells;
}

function decision(
  request: ApprovalRequest,
  how: "allow" | "deny",
  made: Pick<ApprovalDecision, "by" | "decider">,
): ApprovalDecision {
  const option = chooseOption(request, how);
  return { ...made, allowed: option !== undefined && isAllowing(option.kind), optionId: option?.id };
}
