import { describe, expect, test } from "vitest";
import { ANNA, BEN, FlowWorld, STOP, type FlowOptions } from "../../test/flow/flow-world.ts";
import { asId, type MessageGuid } from "../model/ids.ts";
import { parseHandle, type Handle } from "../model/handle.ts";
import type { ApprovalDecision, ApprovalRequest } from "../model/approval.ts";
import type { TurnHost } from "../model/ports.ts";
import type { RuntimeSettings } from "../model/settings.ts";

const OWNER = handle(ANNA);
const OWNED: FlowOptions = { account: { owners: [OWNER], notified: [OWNER] } };
const TO_ANNA = "chat_id:1";
const TO_BEN = "chat_id:2";
/** Where the owner is asked about somebody else's turn. */
const TO_OWNER = JSON.stringify({ kind: "handle", handle: OWNER, service: "auto" });

function handle(text: string): Handle {
  const parsed = parseHandle(text, "US");
  if (parsed === undefined) throw new Error("no handle");
  return parsed;
}

function question(title: string, tool = "edit"): ApprovalRequest {
  return {
    title,
    toolKind: "edit",
    tool,
    places: [],
    detail: "",
    options: [
      { id: "once", label: "Allow once", kind: "allow_once" },
      { id: "always", label: "Always allow", kind: "allow_always" },
      { id: "no", label: "Reject", kind: "reject_once" },
    ],
  };
}

/** Asks these questions at once and says what was decided. */
async function asksAll(host: TurnHost, ...questions: readonly ApprovalRequest[]): Promise<string> {
  const made = await Promise.all(questions.map(async (one) => host.ask(one)));
  return `decided: ${made.map((id) => id ?? "nothing").join(", ")}`;
}

async function createWorld(options: FlowOptions = OWNED): Promise<FlowWorld> {
  const world = await FlowWorld.create(options);
  world.play = async (_request, _signal, host) => asksAll(host, question("edit a.txt"));
  return world;
}

function questions(world: FlowWorld): { to: string; text: string }[] {
  return world.sent.filter(({ part }) => part.origin === "question").map(({ to, text }) => ({ to, text }));
}

async function asked(world: FlowWorld, count = 1): Promise<void> {
  await world.until(() => questions(world).length >= count, `${count} questions`);
}

async function said(world: FlowWorld, to: string, text: string): Promise<void> {
  await world.until(() => world.sent.some((one) => one.to === to && one.text === text), `${text} to ${to}`);
}

async function decisions(world: FlowWorld): Promise<(ApprovalDecision | undefined)[]> {
  return (await world.store.approvals.list(10)).map(({ decision }) => decision).toReversed();
}

describe("an owner who writes directly", () => {
  test("is asked there; the turn goes on with the answer", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "go");
    await asked(world);
    expect(questions(world)).toEqual([
      { to: TO_ANNA, text: expect.stringContaining("edit a.txt") as string },
    ]);
    await world.receive(ANNA, "1");
    await said(world, TO_ANNA, "decided: once");
    expect(world.sent).toHaveLength(2);
    expect(await decisions(world)).toMatchObject([{ by: "owner", decider: OWNER, allowed: true }]);
  });

  test("answers with a tapback on the question; one on something else is none", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "go");
    await asked(world);
    await world.until(() => world.sent[0] !== undefined, "the question");
    const like = (target: string) => ({
      ...world.row(ANNA, "Liked a message"),
      reaction: { type: "dislike", emoji: "👎", added: true, target: asId<MessageGuid>(target) },
    });
    await world.receiveAll([like("GUID-101")]);
    expect(await decisions(world)).toEqual([undefined]);
    const guid = world.sent[0]?.part.attemptId.toUpperCase() ?? "";
    await expect
      .poll(async () => (await world.store.outbox.list({ limit: 1, states: ["sent"] })).length)
      .toBe(1);
    await world.receiveAll([like(guid)]);
    await said(world, TO_ANNA, "decided: no");
  });

  test("is told once that other words wait", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "go");
    await asked(world);
    await world.receive(ANNA, "why");
    await world.receive(ANNA, "tell me");
    await world.until(() => world.sent.length >= 2, "the reminder");
    world.play = async ({ prompt }) => `You said: ${prompt}`;
    await world.receive(ANNA, "no");
    await said(world, TO_ANNA, "You said: why\ntell me");
    expect(world.sent.map(({ text }) => text.slice(0, 24))).toEqual([
      expect.stringMatching(/^❓/u),
      "I wait for your answer t",
      "decided: no",
      "You said: why\ntell me",
    ]);
  });

  test("who does not answer in time has said no; an answer then is a message", async () => {
    await using world = await createWorld({ ...OWNED, timing: { approvalMs: 60 } });
    await world.receive(ANNA, "go");
    await said(world, TO_ANNA, "decided: no");
    expect(world.sent.map(({ text }) => text)).toContain("No answer came, so it was denied: edit a.txt");
    expect(await decisions(world)).toMatchObject([{ by: "time-out", optionId: "no", allowed: false }]);
    world.play = async ({ prompt }) => `You said: ${prompt}`;
    await world.receive(ANNA, "1");
    await said(world, TO_ANNA, "You said: 1");
  });

  test("who stops the turn ends the question, and the ones behind it", async () => {
    await using world = await createWorld();
    world.carry = async () => STOP;
    const heard: (string | undefined)[] = [];
    world.play = async (_request, _signal, host) => {
      const all = ["a", "b"].map(async (title) => heard.push(await host.ask(question(title))));
      await Promise.all(all);
      return "never seen";
    };
    await world.receive(ANNA, "go");
    await asked(world);
    await world.receive(ANNA, "/stop");
    await said(world, TO_ANNA, "stopped 1, dropped 0");
    await world.until(() => heard.length === 2, "both are over");
    expect(heard).toEqual([undefined, undefined]);
    expect(questions(world)).toHaveLength(1);
    expect(await decisions(world)).toMatchObject([{ by: "turn-over", allowed: false }]);
    world.play = async ({ prompt }) => `You said: ${prompt}`;
    await world.receive(ANNA, "1");
    await said(world, TO_ANNA, "You said: 1");
    expect(world.sent.map(({ text }) => text)).not.toContain("never seen");
  });
});

describe("several questions", () => {
  test("come one after the other", async () => {
    await using world = await createWorld();
    world.play = async (_request, _signal, host) =>
      asksAll(host, question("a"), question("b"), question("c"));
    await world.receive(ANNA, "go");
    for (const [at, answer] of ["yes", "no", "1"].entries()) {
      await asked(world, at + 1);
      expect(questions(world)).toHaveLength(at + 1);
      await world.receive(ANNA, answer);
    }
    await said(world, TO_ANNA, "decided: once, no, once");
  });

  test("for one tool have one answer, when that is always", async () => {
    await using world = await createWorld();
    world.play = async (_request, _signal, host) =>
      asksAll(host, question("a"), question("b"), question("other", "fetch"));
    await world.receive(ANNA, "go");
    await asked(world);
    await world.receive(ANNA, "always");
    await asked(world, 2);
    expect(questions(world)[1]?.text).toContain("other");
    await world.receive(ANNA, "no");
    await said(world, TO_ANNA, "decided: once, once, no");
    expect(await decisions(world)).toMatchObject([{ by: "owner" }, { by: "remembered" }, { by: "owner" }]);
  });
});

describe("somebody else's turn", () => {
  test("is asked for in the owner's direct chat; their own answer is none", async () => {
    await using world = await createWorld();
    await world.receive(BEN, "go");
    await asked(world);
    expect(questions(world)).toMatchObject([{ to: TO_OWNER }]);
    world.play = async ({ prompt }) => `You said: ${prompt}`;
    await world.receive(BEN, "1");
    expect(await decisions(world)).toEqual([undefined]);
    await world.receive(ANNA, "2");
    await said(world, TO_BEN, "decided: once");
    await said(world, TO_OWNER, "Allowed from now on.");
    await said(world, TO_BEN, "You said: 1");
    expect(await world.store.approvals.allStanding()).toMatchObject([{ tool: "edit", grantedBy: OWNER }]);
  });

  test("in a group, an owner's too, is asked for in the direct chat, and may be answered in the group", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "@main go", 12);
    await asked(world);
    expect(questions(world)).toMatchObject([{ to: TO_OWNER }]);
    await world.receive(BEN, "1", 12);
    expect(await decisions(world)).toEqual([undefined]);
    await world.receive(ANNA, "ok", 12);
    expect(await decisions(world)).toEqual([undefined]);
    await world.receive(ANNA, "3", 12);
    await said(world, "chat_id:12", "decided: no");
    await said(world, TO_OWNER, "Denied.");
  });

  test("is denied at once where there is no owner to ask", async () => {
    await using world = await createWorld({});
    await world.receive(BEN, "go");
    await world.expectSent("decided: no");
    expect(await decisions(world)).toMatchObject([{ by: "no-owner", allowed: false }]);
  });
});

describe("what is configured", () => {
  test.each([
    ["allow", "once"],
    ["deny", "no"],
  ] as const)("permissions %s: nobody is asked", async (permissions, id) => {
    const runtime = acp(permissions);
    await using world = await createWorld({ ...OWNED, agent: { runtime } });
    await world.receive(ANNA, "go");
    await world.expectSent(`decided: ${id}`);
    expect(await decisions(world)).toMatchObject([{ by: "configuration", optionId: id }]);
  });

  test("comes before what was decided once for all", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "go");
    await asked(world);
    await world.receive(ANNA, "always");
    await said(world, TO_ANNA, "decided: once");
    const [agent] = world.settings.agents;
    if (!agent) throw new Error("no agent");
    world.settings = { ...world.settings, agents: [{ ...agent, runtime: acp("deny") }] };
    await world.receive(ANNA, "go");
    await said(world, TO_ANNA, "decided: no");
  });
});

test("what was allowed by somebody who is no owner any more is asked again", async () => {
  const ben = handle(BEN);
  await using world = await createWorld({ account: { owners: [OWNER, ben], notified: [OWNER, ben] } });
  await world.receive(ANNA, "edit");
  await asked(world);
  await world.receive(ANNA, "2");
  await said(world, TO_ANNA, "decided: once");
  await world.receive(BEN, "edit");
  await said(world, TO_BEN, "decided: once");
  const [only] = world.settings.accounts;
  if (!only) throw new Error("no account");
  world.settings = { ...world.settings, accounts: [{ ...only, owners: [ben], notified: [ben] }] };
  await world.receive(BEN, "edit");
  await asked(world, 2);
  await world.receive(BEN, "no");
  await said(world, TO_BEN, "decided: no");
});

test("a gateway that starts again asks again; one answer answers that question only", async () => {
  await using world = await createWorld();
  await world.receive(ANNA, "go");
  await asked(world);
  await world.start();
  await asked(world, 2);
  await world.receive(ANNA, "1");
  await said(world, TO_ANNA, "decided: once");
  expect(await decisions(world)).toMatchObject([{ by: "turn-over" }, { by: "owner" }]);
});

function acp(permissions: "allow" | "deny"): RuntimeSettings {
  return {
    type: "acp",
    command: ["/bin/false"],
    env: {},
    permissions,
    mode: undefined,
    model: undefined,
    timeoutMs: 1000,
    memoryBytes: undefined,
  };
}
