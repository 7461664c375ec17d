import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunningWorld } from "../../../test/control/running-world.ts";
import { ANNA, BERT, HOME, MINUTE, part } from "../../../test/contracts/store-world.ts";
import { GatewayError } from "../../model/errors.ts";
import type { ApprovalId } from "../../model/ids.ts";
import type { ApprovalBy, ApprovalDecision, ApprovalRequest, ApprovalRecord } from "../../model/approval.ts";
import type { Turn } from "../../model/turn.ts";
import { offerOptions } from "../../rules/approval-options.ts";
import { answerApproval } from "./answer.ts";
import { forgetStanding } from "./approvals.ts";
import { explain, type Explanation } from "../explain/explain.ts";
import { describeApprovalDecision, describeApproval } from "./approval-words.ts";

const SCRIPT = "echo one\necho two";
const REQUEST: ApprovalRequest = {
  title: "Run\n a script",
  toolKind: "execute",
  tool: "shell",
  sections: [{ name: "command", text: SCRIPT }],
  omittedSections: 0,
  options: [
    { id: "once", label: "Allow once", kind: "allow_once" },
    { id: "always", label: "Always allow", kind: "allow_always" },
  ],
  standing: { key: "script", what: "shell: echo one echo two", covers: "call" },
};

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => running.remove());

async function runs(): Promise<Turn> {
  return running.world.begin(await running.world.waits(ANNA, "do it"));
}

/** A turn of Anna's asks Bert. */
async function asks({ id: turnId, attempt, accountId, conversationId, agentId }: Turn): Promise<ApprovalId> {
  const { nowMs } = running.world;
  const target = { kind: "handle", handle: BERT, service: "auto" } as const;
  const compose = () => ({
    accountId: HOME,
    conversationId: undefined,
    parts: [part("may I?", { origin: "question", target })],
  });
  const ticket = await running.store.approvals.ask(
    { turnId, attempt, accountId, conversationId, agentId, turnKind: "owners", request: REQUEST },
    {
      places: [{ owner: BERT, isTurnHere: false, compose }],
      offer: offerOptions(REQUEST, { turnKind: "owners", isWhole: true }),
      nowMs,
      expiresAtMs: nowMs + 10 * MINUTE,
      waiting: new Set(),
    },
  );
  if (ticket === undefined) throw new Error("it was not asked");
  return ticket.id;
}

async function answers(approvalId: ApprovalId, optionId: string): Promise<void> {
  await running.world.decide([running.world.message(BERT, "an answer")], {
    outcome: {
      kind: "answer",
      approvalId,
      optionId,
      allowed: true,
      label: "Always allow",
      ...(optionId === "always" && { isStanding: true }),
    },
    handle: BERT,
  });
}

async function explained(reference: string): Promise<Explanation> {
  const [explanation] = await explain(running.store, reference);
  if (explanation === undefined) throw new Error("no such message");
  return explanation;
}

function lines({ steps }: Explanation): string[] {
  return steps.map(({ text }) => text);
}

describe("explain", () => {
  test("of the message whose turn asked: what for, whom, and that it waits", async () => {
    await asks(await runs());
    const explanation = await explained("101");
    expect(lines(explanation)).toContain(
      `request 1: agent main asked ${BERT} for permission: execute: Run a script`,
    );
    expect(explanation.conclusion).toMatchObject({
      verdict: "pending",
      because: `agent main waits for ${BERT} to answer request 1: execute: Run a script`,
    });
  });

  test("of the same when it is answered: who decided what", async () => {
    await answers(await asks(await runs()), "always");
    const explanation = await explained("101");
    expect(lines(explanation)).toContain(`request 1: allowed, by ${BERT}: Always allow`);
    expect(explanation.conclusion.because).toBe("agent main is at work on it");
  });

  test("of the answer: which request it answered", async () => {
    await answers(await asks(await runs()), "always");
    const explanation = await explained("102");
    expect(lines(explanation)).toContain("decided: it answers request 1 of an agent: Always allow");
    expect(explanation.conclusion.verdict).toBe("done");
  });
});

describe("an answer that holds from now on", () => {
  const standing = async () => running.store.approvals.allStanding();

  test("is forgotten by its number", async () => {
    await answers(await asks(await runs()), "always");
    const [kept] = await standing();
    expect(kept).toMatchObject({ agentId: "main", what: "shell: echo one echo two", allowed: true });
    await forgetStanding(running.store, kept?.id ?? 0);
    expect(await standing()).toEqual([]);
  });

  test.each([0, 2, 99])("of number %i there is none", async (id) => {
    await answers(await asks(await runs()), "always");
    const forgetting = forgetStanding(running.store, id);
    await expect(forgetting).rejects.toThrow(GatewayError);
    await expect(forgetting).rejects.toMatchObject({ code: "approval/unknown" });
    expect(await standing()).toHaveLength(1);
  });
});

describe("an answer that is not given in chat", () => {
  const answer = async (id: ApprovalId, optionId: string, nowMs = running.world.nowMs) =>
    answerApproval(running.store, id, { optionId, decider: ANNA, where: "on the control page", nowMs });

  test("decides, and those who were asked are told", async () => {
    const id = await asks(await runs());
    await running.world.sendAll();
    expect(await answer(id, "always")).toMatchObject({
      allowed: true,
      optionId: "always",
      by: "owner",
      decider: ANNA,
    });
    expect(await running.world.sendAll()).toEqual(["Already answered on the control page: allowed."]);
    expect(await running.store.approvals.allStanding()).toMatchObject([{ grantedBy: ANNA }]);
    await expect(answer(id, "once", running.world.nowMs + 1)).rejects.toMatchObject({
      code: "approval/over",
    });
  });

  test("must be one that was offered, in time", async () => {
    const id = await asks(await runs());
    await expect(answer(id, "other")).rejects.toMatchObject({ code: "approval/unknown" });
    await expect(answer(id, "once", running.world.nowMs + 10 * MINUTE)).rejects.toMatchObject({
      code: "approval/over",
    });
    expect(await answer(id, "")).toMatchObject({ allowed: false, optionId: undefined });
    await expect(answer(99 as ApprovalId, "once")).rejects.toMatchObject({ code: "approval/over" });
  });
});

describe("in words", () => {
  const record = (decision: Partial<ApprovalDecision> | undefined): ApprovalRecord => ({
    id: 1 as ApprovalId,
    turnId: "t" as ApprovalRecord["turnId"],
    accountId: HOME,
    agentId: "main" as ApprovalRecord["agentId"],
    conversationId: 1 as ApprovalRecord["conversationId"],
    request: REQUEST,
    offer: { options: [], isWhole: true },
    expiresAtMs: 9,
    asked: [],
    askedAtMs: 1,
    decision: decision && {
      allowed: false,
      optionId: undefined,
      by: "owner",
      decider: undefined,
      atMs: 2,
      ...decision,
    },
  });

  test.each<[ApprovalBy, string]>([
    ["owner", `denied, by ${BERT}`],
    ["remembered", `denied, as ${BERT} decided once for all (\`coderclaw approvals standing\`)`],
    ["configuration", "denied, as the agent's permissions say"],
    ["time-out", "denied, no answer came in time"],
    ["no-owner", "denied, there is no owner to ask"],
    ["turn-over", "denied, the turn was over before an answer came"],
  ])("decided by %s", (by, words) => {
    expect(describeApprovalDecision(record({ by, decider: BERT }))).toBe(words);
  });

  test("what is open, and what an option was called", () => {
    expect(describeApprovalDecision(record(undefined))).toBe("waits for an answer");
    expect(describeApprovalDecision(record({ allowed: true, optionId: "once", decider: BERT }))).toBe(
      `allowed, by ${BERT}: Allow once`,
    );
  });

  test("a request is one line, and not a long one", () => {
    expect(describeApproval({ ...REQUEST, toolKind: "other", title: " a\n\tb " })).toBe("a b");
    expect(describeApproval({ ...REQUEST, title: "x".repeat(999) }).length).toBeLessThan(140);
  });
});
