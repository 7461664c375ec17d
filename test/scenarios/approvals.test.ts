// What agents ask for, answered by text: by whom, how, where, how often, and what becomes of it when something ends in between.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { until, World, type WorldOptions } from "./world.ts";

const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));
const OWNER = "+14155550009";
const ANNA = "+14155550001";

interface Asking extends WorldOptions {
  readonly permissions?: "ask" | "allow" | "deny";
  readonly owners?: readonly string[];
}

async function createWorld({ permissions, owners = [OWNER], ...options }: Asking = {}): Promise<World> {
  const runtime = { type: "acp", command: [process.execPath, AGENT, "--load"], permissions };
  return World.create({
    ...options,
    config: {
      agents: {
        list: [{ id: "crab", name: "Crab", runtime: JSON.parse(JSON.stringify(runtime)) as object }],
      },
      commands: { ownerAllowFrom: owners },
      session: { dmScope: "per-peer" },
      ...options.config,
    },
  });
}

function workspace(world: World): string {
  return join(world.dir, "state/workspace");
}

function isWritten(world: World, file: string): boolean {
  return existsSync(join(workspace(world), file));
}

/** Waits until `count` questions came to a chat; the answer is the last of them. */
async function question(world: World, chat: string | number, count = 1): Promise<string> {
  const asked = await until(
    () => {
      const questions = world.sentTo(chat).filter((text) => text.startsWith("❓"));
      return questions.length >= count && questions;
    },
    () => `${count} questions to ${chat}: ${JSON.stringify(world.sent())}\n${world.lastLog()}`,
  );
  return asked[count - 1] ?? "";
}

/** What was sent to a chat, without the line end that the agent says after each answer. */
function sentTo(world: World, chat: string | number): string[] {
  return world.sentTo(chat).map((text) => text.trimEnd());
}

/** Waits for a text that is sent to a chat. */
async function said(world: World, chat: string | number, text: string): Promise<void> {
  await until(
    () => sentTo(world, chat).includes(text),
    () => `${text} in ${JSON.stringify(world.sent())}\n${world.lastLog()}`,
  );
}

describe("the owner, asked where they wrote", () => {
  test("reads what is to be done, and a number lets it be done", async () => {
    await using world = await createWorld();
    await world.start();
    await world.receive(OWNER, "@ask edit notes.txt two words");
    const asked = await question(world, OWNER);
    expect(asked).toContain("Crab asks to change files:");
    expect(asked).toContain("notes.txt");
    expect(asked).toContain("> +two words");
    expect(asked).toMatch(/^1\. /mu);
    expect(isWritten(world, "notes.txt")).toBe(false);
    const answer = await world.receive(OWNER, "1");
    await said(world, OWNER, "allowed: once");
    expect(isWritten(world, "notes.txt")).toBe(true);
    expect(sentTo(world, OWNER)).toHaveLength(2);
    expect(await world.decided(answer)).toMatchObject({ kind: "answer" });
    const explained = await world.coderclaw("explain", answer);
    expect(explained.stdout).toContain("it answers question 1 of an agent: Allow once");
    expect(explained.stdout).toContain("Taken as the answer to an agent's question.");
    const shown = await world.coderclaw("sessions", "show", `agent:crab:direct:${OWNER}`);
    expect(shown.stdout).toContain(`allowed, by ${OWNER}: Allow once`);
  });

  test("nothing that an agent is made to write forges an option or a line of the question", async () => {
    await using world = await createWorld();
    await world.start();
    await world.receive(OWNER, "@ask run ls\u00851. Reject\u000B\u202E2. Allow\u0007");
    const asked = await question(world, OWNER);
    const lines = asked.split(/[\n\r\v\u0085\u2028]/u);
    expect(lines.filter((line) => /^\d/u.test(line)).map((line) => line.slice(0, 8))).toEqual([
      "1. Allow",
      "2. Alway",
      "3. Rejec",
      "4. Never",
    ]);
    expect(asked.replace(/\n/gu, "")).not.toMatch(/\p{Cc}|\p{Cf}/u);
    await world.receive(OWNER, "1");
    await said(world, OWNER, "allowed: once");
  });

  test("in a note to themselves is answered there, and what asks is not taken for an answer", async () => {
    await using world = await createWorld({
      self: [OWNER],
      imessage: { dmPolicy: "allowlist", allowFrom: [OWNER], selfHandles: [OWNER] },
    });
    await world.start();
    await world.receive(OWNER, "@ask edit notes.txt x");
    await question(world, OWNER);
    await world.receive(OWNER, "1");
    await said(world, OWNER, "allowed: once");
    expect(isWritten(world, "notes.txt")).toBe(true);
  });

  test.each([
    ["yes", "allowed: once", true],
    ["OK.", "allowed: once", true],
    ["2", "allowed: once", true],
    ["no", "denied: no", false],
    ["Never!", "denied: no", false],
    ["#3", "denied: no", false],
  ])("%j is an answer", async (words, reply, written) => {
    await using world = await createWorld();
    await world.start();
    await world.receive(OWNER, "@ask edit notes.txt x");
    await question(world, OWNER);
    await world.receive(OWNER, words);
    await said(world, OWNER, reply);
    expect(isWritten(world, "notes.txt")).toBe(written);
  });

  test.each([
    ["like", "allowed: once"],
    ["dislike", "denied: no"],
  ])("a tapback is an answer: %s", async (tapback, reply) => {
    await using world = await createWorld();
    await world.start();
    await world.receive(OWNER, "@ask edit notes.txt x");
    await question(world, OWNER);
    const { guid } = world.sent().at(-1) ?? { guid: "" };
    await world.sim("react", "--from", OWNER, "--message", guid, "--reaction", tapback);
    await said(world, OWNER, reply);
  });

  test("other words wait for the end of the turn; what is waited for is said once", async () => {
    await using world = await createWorld();
    await world.start();
    await world.receive(OWNER, "@ask edit notes.txt x");
    await question(world, OWNER);
    await world.receive(OWNER, "why?");
    await world.receive(OWNER, "tell me");
    await until(() => sentTo(world, OWNER).some((text) => text.startsWith("I wait for your answer")));
    await world.receive(OWNER, "1");
    await said(world, OWNER, "You said: why?\ntell me");
    expect(sentTo(world, OWNER).filter((text) => text.startsWith("I wait"))).toHaveLength(1);
    expect(sentTo(world, OWNER)[2]).toBe("allowed: once");
  });

  test("a stop ends the turn and its question; a late answer is none", async () => {
    await using world = await createWorld();
    await world.start();
    await world.receive(OWNER, "@ask edit notes.txt x");
    await question(world, OWNER);
    await world.receive(OWNER, "stop");
    await said(world, OWNER, "Stopped.");
    await world.receive(OWNER, "1");
    await said(world, OWNER, "You said: 1");
    expect(isWritten(world, "notes.txt")).toBe(false);
  });
});

describe("who may answer", () => {
  test("what somebody else's turn asks goes to the owner, and only they can answer", async () => {
    await using world = await createWorld();
    await world.start();
    await world.receive(ANNA, "@ask run rm -rf everything");
    const asked = await question(world, OWNER);
    expect(asked).toContain("rm -rf everything");
    expect(asked).toContain(`That is for ${ANNA}, who wrote:\n> @ask run rm -rf everything`);
    const forged = await world.receive(ANNA, "1");
    expect(await world.decided(forged)).toMatchObject({ kind: "turn" });
    expect(sentTo(world, ANNA)).toEqual([]);
    await world.receive(OWNER, "no");
    await said(world, ANNA, "denied: no");
    await said(world, OWNER, "Denied.");
    await said(world, ANNA, "You said: 1");
  });

  test("a group is not told what is asked; its owner may answer there as well", async () => {
    await using world = await createWorld({
      imessage: { groupPolicy: "open", groups: { "*": { requireMention: false } } },
    });
    const group = await world.mac.makeGroup("crew", [ANNA, OWNER]);
    await world.start();
    await world.writeIn(group, OWNER, "@ask edit notes.txt x");
    await question(world, OWNER);
    await world.writeIn(group, ANNA, "1");
    expect(sentTo(world, group.chatId)).toEqual([]);
    await world.writeIn(group, OWNER, "1");
    await said(world, group.chatId, "allowed: once");
    expect(isWritten(world, "notes.txt")).toBe(true);
  });

  test("without an owner it is denied at once", async () => {
    await using world = await createWorld({ owners: [] });
    await world.start();
    const guid = await world.receive(ANNA, "@ask edit notes.txt x");
    await said(world, ANNA, "denied: no");
    const explained = await world.coderclaw("explain", guid);
    expect(explained.stdout).toContain("denied, there is no owner to ask");
  });
});

describe("without a question", () => {
  test.each([
    ["allow", "allowed: once", true],
    ["deny", "denied: no", false],
  ] as const)("permissions: %s", async (permissions, reply, written) => {
    await using world = await createWorld({ permissions });
    await world.start();
    await world.receive(ANNA, "@ask edit notes.txt x");
    await said(world, ANNA, reply);
    expect(isWritten(world, "notes.txt")).toBe(written);
    expect(sentTo(world, OWNER)).toEqual([]);
    const { stdout } = await world.coderclaw("approvals", "list", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ approvals: [{ decision: { by: "configuration" } }] });
  });

  test("always holds for the tool, for others and after a restart, until it is forgotten", async () => {
    await using world = await createWorld();
    const gateway = await world.start();
    await world.receive(OWNER, "@ask edit a.txt x");
    await question(world, OWNER);
    await world.receive(OWNER, "always");
    await said(world, OWNER, "allowed: once");
    await gateway.kill("SIGTERM");
    await world.start();
    await world.receive(ANNA, "@ask edit b.txt x");
    await said(world, ANNA, "allowed: once");
    const standing = await world.coderclaw("approvals", "standing");
    expect(standing.stdout).toMatch(/crab +write +allowed/u);
    expect((await world.coderclaw("approvals", "forget", "crab", "write")).code).toBe(0);
    expect((await world.coderclaw("approvals", "forget", "crab", "write")).code).toBe(1);
    await world.receive(ANNA, "@ask edit c.txt x");
    await question(world, OWNER, 2);
  });

  test("leave to run a command is no leave to run another", async () => {
    await using world = await createWorld();
    await world.start();
    await world.receive(OWNER, "@ask run ls");
    await question(world, OWNER);
    await world.receive(OWNER, "2");
    await said(world, OWNER, "allowed: once");
    await world.receive(OWNER, "@ask run ls\n@ask run rm -r .");
    const asked = await question(world, OWNER, 2);
    expect(asked).toContain("rm -r .");
  });
});

describe("one at a time, and what ends in between", () => {
  test("questions of two conversations come to the owner one after the other", async () => {
    await using world = await createWorld();
    await world.start();
    await world.receive(ANNA, "@ask edit anna.txt x");
    await question(world, OWNER);
    const own = await world.receive(OWNER, "@ask edit own.txt x");
    await until(async () => (await world.decided(own)).turn?.state === "running");
    expect(sentTo(world, OWNER)).toHaveLength(1);
    await world.receive(OWNER, "no");
    await said(world, ANNA, "denied: no");
    const second = await question(world, OWNER, 2);
    expect(second).toContain("own.txt");
    await world.receive(OWNER, "yes");
    await said(world, OWNER, "allowed: once");
    expect([isWritten(world, "anna.txt"), isWritten(world, "own.txt")]).toEqual([false, true]);
  });

  test("a gateway that is killed asks again; one answer is enough", async () => {
    await using world = await createWorld();
    await mkdir(workspace(world), { recursive: true });
    const gateway = await world.start();
    await world.receive(OWNER, "@ask edit notes.txt x");
    await question(world, OWNER);
    await gateway.kill("SIGKILL");
    await world.start();
    await question(world, OWNER, 2);
    await world.receive(OWNER, "1");
    await said(world, OWNER, "allowed: once");
    expect(sentTo(world, OWNER).filter((text) => text === "allowed: once")).toHaveLength(1);
    const { stdout } = await world.coderclaw("approvals", "list", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      approvals: [{ decision: { by: "owner" } }, { decision: { by: "turn-over" } }],
    });
  });
});
