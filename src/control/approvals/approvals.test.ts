import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunningWorld } from "../../../test/control/running-world.ts";
import { ANNA, BERT, HOME, MINUTE, part } from "../../../test/contracts/store-world.ts";
import { GatewayError } from "../../model/errors.ts";
import type { ApprovalId } from "../../model/ids.ts";
import type { ApprovalBy, ApprovalDecision, ApprovalRequest, ApprovalRecord } from "../../model/approval.ts";
import type { Turn } from "../../model/turn.ts";
import { forgetStanding } from "./approvals.ts";
import { explain, type Explanation } from "../explain/explain.ts";
import { describeApprovalDecision, describeApproval } from "./approval-words.ts";

const SCRIPT = "echo one\necho two";
const QUESTION: ApprovalRequest = {
  title: "Run\n a script",
  toolKind: "execute",
  tool: `shell: ${SCRIPT}`,
  places: [],
  detail: SCRIPT,
  options: [
    { id: "once", label: "Allow once", kind: "allow_once" },
    { id: "always", label: "Always allow", kind: "allow_always" },
  ],
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
  const parts = [part("may I?", { origin: "question", target })];
  const id = await running.store.approvals.ask(
    { turnId, attempt, accountId, conversationId, agentId, request: QUESTION },
    {
      asked: BERT,
      group: { accountId: HOME, conversationId: undefined, parts },
      nowMs,
      expiresAtMs: nowMs + 10 * MINUTE,
    },
  );
  if (id === undefined) throw new Error("it was not asked");
  return id;
}

async function answers(approvalId: ApprovalId, optionId: string): Promise<void> {
  await running.world.decide([running.world.message(BERT, "an answer")], {
    outcome: { kind: "answer", approvalId, optionId, allowed: true, label: "Always allow" },
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
      `question 1: agent main asked of ${BERT} for permission: execute: Run a script`,
    );
    expect(explanation.conclusion).toMatchObject({
      verdict: "pending",
      because: `agent main waits for ${BERT} to answer question 1: execute: Run a script`,
    });
  });

  test("of the same when it is answered: who decided what", async () => {
    await answers(await asks(await runs()), "always");
    const explanation = await explained("101");
    expect(lines(explanation)).toContain(`question 1: allowed, by ${BERT}: Always allow`);
    expect(explanation.conclusion.because).toBe("agent main is at work on it");
  });

  test("of the answer: which question it answered", async () => {
    await answers(await asks(await runs()), "always");
    const explanation = await explained("102");
    expect(lines(explanation)).toContain("decided: it answers question 1 of an agent: Always allow");
    expect(explanation.conclusion.verdict).toBe("done");
  });
});

describe("what was decided once for all", () => {
  const standing = async () => running.store.approvals.allStanding();

  test.each([
    ["as it is", QUESTION.tool],
    ["as lists show it", "shell: echo one\\necho two"],
  ])("is forgotten, its tool written %s", async (_how, tool) => {
    await answers(await asks(await runs()), "always");
    expect(await standing()).toMatchObject([{ agentId: "main", tool: QUESTION.tool, allowed: true }]);
    await forgetStanding(running.store, "main", tool);
    expect(await standing()).toEqual([]);
  });

  test.each([
    ["main", "shell"],
    ["other", QUESTION.tool],
    ["main", ""],
  ])("of agent %s and tool %j there is nothing", async (agentId, tool) => {
    await answers(await asks(await runs()), "always");
    const forgetting = forgetStanding(running.store, agentId, tool);
    await expect(forgetting).rejects.toThrow(GatewayError);
    await expect(forgetting).rejects.toMatchObject({ code: "approval/unknown" });
    expect(await standing()).toHaveLength(1);
  });
});

describe("in words", () => {
  const record = (decision: Partial<ApprovalDecision> | undefined): ApprovalRecord => ({
    id: 1 as ApprovalId,
    turnId: "t" as ApprovalRecord["turnId"],
    accountId: HOME,
    agentId: "main" as ApprovalRecord["agentId"],
    request: QUESTION,
    asked: BERT,
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

  test("a question is one line, and not a long one", () => {
    expect(describeApproval({ ...QUESTION, toolKind: "other", title: " a\n\tb " })).toBe("a b");
    expect(describeApproval({ ...QUESTION, title: "x".repeat(999) }).length).toBeLessThan(140);
  });
});
