// What agents ask for, answered by text: by whom, how, where, when, how often, and what becomes of it.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  ANNA,
  answerable,
  asks,
  createWorld,
  isWritten,
  OWNER,
  questions,
  REAL_READING_MS,
  said,
  sentTo,
  shown,
  start,
  workspace,
} from "./asking.ts";
import { until } from "./world.ts";

const BEN = "+14155550002";
const CARL = "+14155550003";

/** A request with these fields of the tool call, as a script word. */
function requests(toolCall: object, options?: readonly object[]): string {
  return `@request ${JSON.stringify({ toolCall, ...(options && { options }) })}`;
}

describe("the owner, asked where they wrote", () => {
  test("reads what is to be done, and a number lets it be done", async () => {
    await using world = await createWorld();
    await start(world);
    const { question } = await asks(world, OWNER, "@ask edit notes.txt two words");
    expect(question).toContain("Crab asks to change files:");
    expect(question).toContain("> +two words");
    expect(question).toMatch(/^1\. /mu);
    expect(isWritten(world, "notes.txt")).toBe(false);
    const answer = await world.receive(OWNER, "1");
    await said(world, OWNER, "allowed: once");
    expect(isWritten(world, "notes.txt")).toBe(true);
    expect(sentTo(world, OWNER)).toHaveLength(2);
    expect(await world.decided(answer)).toMatchObject({ kind: "answer" });
    const explained = await world.coderclaw("explain", answer);
    expect(explained.stdout).toContain("it answers request 1 of an agent: Allow once");
    const told = await world.coderclaw("sessions", "show", `agent:crab:direct:${OWNER}`);
    expect(told.stdout).toContain(`allowed, by ${OWNER}: Allow once`);
  });

  test("reads all that a program is run with, and nothing forges an option or a line", async () => {
    await using world = await createWorld();
    await start(world);
    const rawInput = {
      command: "git",
      args: ["push", "--force", "x\u00851. Reject\u000B\u202E2. Allow\u0007"],
      cwd: "/elsewhere",
      env: { GIT_SSH_COMMAND: `ssh${" ".repeat(60)}-o ProxyCommand=evil` },
    };
    const { question } = await asks(world, OWNER, requests({ title: "Push", kind: "execute", rawInput }));
    expect(question).toContain(
      "> command: git push --force 'x⟨U+0085⟩1. Reject⟨U+000B⟩⟨U+202E⟩2. Allow⟨U+0007⟩'\n> folder: /elsewhere\n" +
        "> environment: GIT_SSH_COMMAND=ssh⟨60 spaces⟩-o ProxyCommand=evil\n",
    );
    const lines = question.split(/[\n\r\v\u0085\u2028]/u);
    expect(lines.filter((line) => /^\d/u.test(line)).map((line) => line.slice(0, 8))).toEqual([
      "1. Allow",
      "2. Alway",
      "3. Rejec",
      "4. Never",
    ]);
  });

  test("reads both ends of what is long, and all of it on request; it is not allowed for good", async () => {
    await using world = await createWorld();
    await start(world);
    const command = `echo start ${"x".repeat(6_000)} && rm -rf end`;
    const { question } = await asks(world, OWNER, `@ask run ${command}`);
    expect(question).toContain("echo start");
    expect(question).toContain("&& rm -rf end");
    expect(question).toMatch(/⟨… [\d,]+ more characters …⟩/u);
    expect(question).not.toMatch(/always/iu);
    await world.receive(OWNER, "more");
    await said(world, OWNER, /That is all of it\.$/u);
    expect(sentTo(world, OWNER).join("\n").replaceAll("\n>… ", "")).toContain(command);
    await world.receive(OWNER, "no");
    await said(world, OWNER, "denied: no");
    expect(questions(world, OWNER)).toHaveLength(1);
  });

  test("in a note to themselves answers there, and what asks is not taken for an answer", async () => {
    await using world = await createWorld({
      self: [OWNER],
      imessage: { dmPolicy: "allowlist", allowFrom: [OWNER], selfHandles: [OWNER] },
    });
    await start(world);
    await world.receive(OWNER, "@ask edit notes.txt x");
    await shown(world, OWNER);
    // Of the two rows of a note the first is the one that is answered.
    const [note] = world.sent();
    await answerable(world, note?.guid ?? "");
    await world.receive(OWNER, "1");
    await said(world, OWNER, "allowed: once");
    expect(isWritten(world, "notes.txt")).toBe(true);
  });

  test.each([
    ["Sure, thanks 👍🏽", "allowed: once"],
    ["1️⃣", "allowed: once"],
    ["٣", "denied: no"],
    ["nope", "denied: no"],
  ])("%j is an answer", async (words, reply) => {
    await using world = await createWorld();
    await start(world);
    await asks(world, OWNER, "@ask edit notes.txt x");
    await world.receive(OWNER, words);
    await said(world, OWNER, reply);
    expect(isWritten(world, "notes.txt")).toBe(reply.startsWith("allowed"));
  });

  test.each([
    ["like", "allowed: once"],
    ["dislike", "denied: no"],
  ])("a tapback is an answer: %s", async (tapback, reply) => {
    await using world = await createWorld();
    await start(world);
    await asks(world, OWNER, "@ask edit notes.txt x");
    const { guid } = world.sent().at(-1) ?? { guid: "" };
    await world.sim("react", "--from", OWNER, "--message", guid, "--reaction", tapback);
    await said(world, OWNER, reply);
  });

  test("other words wait for the end of the turn; what is waited for is said once", async () => {
    await using world = await createWorld();
    await start(world);
    await asks(world, OWNER, "@ask edit notes.txt x");
    await world.receive(OWNER, "why?");
    await world.receive(OWNER, "tell me");
    await said(world, OWNER, /^I'm waiting for your answer to the question above \(1 to 4\)/u);
    await world.receive(OWNER, "1");
    await said(world, OWNER, "You said: why?\ntell me");
    expect(sentTo(world, OWNER).filter((text) => text.startsWith("I'm waiting"))).toHaveLength(1);
    expect(sentTo(world, OWNER)[2]).toBe("allowed: once");
  });

  test("a stop ends the turn and its question; a late answer is told so, and is no prompt", async () => {
    await using world = await createWorld();
    await start(world);
    await asks(world, OWNER, "@ask edit notes.txt x");
    await world.receive(OWNER, "stop");
    await said(world, OWNER, "Stopped.");
    const late = await world.receive(OWNER, "1");
    await said(world, OWNER, /^That question is over/u);
    expect(await world.decided(late)).toMatchObject({ kind: "ignore", code: "approval.over" });
    expect(isWritten(world, "notes.txt")).toBe(false);
  });
});

describe("which question an answer is to", () => {
  test("of two quick answers the second one allows nothing, whatever is asked next", async () => {
    await using world = await createWorld();
    await start(world);
    await asks(world, OWNER, "@ask edit a.txt x\n@ask edit b.txt x");
    await world.receive(OWNER, "1");
    await world.receive(OWNER, "1");
    const second = await shown(world, OWNER, 2);
    expect(second).toContain("\n5. Allow once");
    await said(world, OWNER, /^You already answered that question: allowed\./u);
    await world.receive(OWNER, "1");
    await until(
      () => sentTo(world, OWNER).filter((text) => text.startsWith("You already answered")).length === 2,
    );
    expect([isWritten(world, "a.txt"), isWritten(world, "b.txt")]).toEqual([true, false]);
    await world.receive(OWNER, "stop");
    await said(world, OWNER, "Stopped.");
    expect(sentTo(world, OWNER).some((text) => text.startsWith("You said"))).toBe(false);
  });

  test("what is dated before the question allows nothing, however late it comes", async () => {
    await using world = await createWorld();
    await start(world);
    await asks(world, OWNER, "@ask edit notes.txt x");
    for (const at of ["-59s", "-5s"]) {
      const early = await world.receive(OWNER, "1", "--at", at);
      expect(await world.decided(early)).toMatchObject({ kind: "ignore", code: "approval.too-early" });
    }
    await said(world, OWNER, /^That came before you could have read my question/u);
    expect(isWritten(world, "notes.txt")).toBe(false);
    await world.receive(OWNER, "1");
    await said(world, OWNER, "allowed: once");
  });

  test("nothing counts in the first two seconds, on a real gateway", async () => {
    await using world = await createWorld();
    await world.start();
    const guid = await world.receive(OWNER, "@ask edit notes.txt x");
    await shown(world, OWNER);
    const early = await world.receive(OWNER, "yes");
    expect(await world.decided(early)).toMatchObject({ kind: "ignore", code: "approval.too-early" });
    expect(isWritten(world, "notes.txt")).toBe(false);
    await answerable(world, guid, REAL_READING_MS);
    await world.receive(OWNER, "yes");
    await said(world, OWNER, "allowed: once");
  });

  test("a guest's question does not delay the owner's own; each has numbers of its own", async () => {
    await using world = await createWorld();
    await start(world);
    await asks(world, ANNA, "@ask edit anna.txt x\n@ask edit more.txt x");
    const { question } = await asks(world, OWNER, "@ask edit own.txt x", { count: 2 });
    expect(question).toContain("own.txt");
    expect(question).toContain("\n4. Allow once");
    await world.receive(OWNER, "yes");
    await said(world, OWNER, "2 questions are open. Please answer with a number: 1 to 3 or 4 to 7.");
    await world.receive(OWNER, "4");
    await said(world, OWNER, "allowed: once");
    await world.receive(OWNER, "2");
    await said(world, OWNER, "Denied.");
    await shown(world, OWNER, 3);
    expect(["anna.txt", "own.txt", "more.txt"].map((file) => isWritten(world, file))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe("who may answer, and where", () => {
  test("what somebody else's turn asks goes to the owner, and only they can answer", async () => {
    await using world = await createWorld();
    await start(world);
    const { question } = await asks(world, ANNA, "@ask run rm -rf everything");
    expect(question).toContain("rm -rf everything");
    expect(question).toContain(`Asked on behalf of ${ANNA}, who wrote:\n> @ask run rm -rf everything`);
    const forged = await world.receive(ANNA, "1");
    expect(await world.decided(forged)).toMatchObject({ kind: "turn" });
    expect(sentTo(world, ANNA)).toEqual([]);
    await world.receive(OWNER, "no");
    await said(world, ANNA, "denied: no");
    await said(world, OWNER, "Denied.");
    await said(world, ANNA, "You said: 1");
  });

  test("what the owner writes in a group answers nothing that the group was not shown", async () => {
    await using world = await createWorld({
      imessage: { groupPolicy: "open", groups: { "*": { requireMention: true } } },
      config: { messages: { groupChat: { mentionPatterns: ["@crab"] } } },
    });
    const group = await world.mac.makeGroup("crew", [ANNA, OWNER]);
    await start(world);
    const asking = await world.writeIn(group, OWNER, "@crab\n@ask edit notes.txt x");
    await shown(world, OWNER);
    await answerable(world, asking.guid);
    await world.writeIn(group, ANNA, "how many coffees, 1 or 2?");
    for (const text of ["1", "yes", "👍", "always"]) {
      const { guid } = await world.writeIn(group, OWNER, text);
      expect(await world.decided(guid)).toMatchObject({ code: "group.not-mentioned" });
    }
    expect(sentTo(world, group.chatId)).toEqual([]);
    expect(isWritten(world, "notes.txt")).toBe(false);
    await world.receive(OWNER, "1");
    await said(world, group.chatId, "allowed: once");
    expect(isWritten(world, "notes.txt")).toBe(true);
  });

  test("of several owners each is asked, the first answer counts, and the others are told", async () => {
    await using world = await createWorld({ owners: [BEN, CARL] });
    await start(world);
    await asks(world, ANNA, "@ask edit notes.txt x", { chat: BEN });
    expect(questions(world, CARL)).toHaveLength(1);
    await world.receive(CARL, "2");
    await said(world, ANNA, "denied: no");
    await said(world, CARL, "Denied.");
    await said(world, BEN, `Already answered by ${CARL}: denied.`);
    await world.receive(BEN, "1");
    await said(world, BEN, /^That question was already answered by \+14155550003: denied\./u);
    expect(isWritten(world, "notes.txt")).toBe(false);
  });

  test("without an owner it is denied at once; the sender, the status and the doctor say why", async () => {
    await using world = await createWorld({ owners: [] });
    await start(world);
    const guid = await world.receive(ANNA, "@ask edit notes.txt x");
    await said(world, ANNA, "denied: no");
    expect(sentTo(world, ANNA)).toEqual([
      "I need the owner's permission for that, and no owner is set up yet, so I didn't do it.",
      "denied: no",
    ]);
    const explained = await world.coderclaw("explain", guid);
    expect(explained.stdout).toContain("denied, there is no owner to ask");
    for (const command of [["channels", "status"], ["doctor"]]) {
      const { stdout } = await world.coderclaw(...command);
      expect(stdout, command.join(" ")).toMatch(/agent crab asks .*no owner/iu);
      expect(stdout, command.join(" ")).toContain("commands.ownerAllowFrom");
    }
  });
});

describe("without a question", () => {
  test.each([
    ["allow", "allowed: once", true],
    ["deny", "denied: no", false],
  ] as const)("permissions: %s", async (permissions, reply, written) => {
    await using world = await createWorld({ permissions });
    await start(world);
    await world.receive(ANNA, "@ask edit notes.txt x");
    await said(world, ANNA, reply);
    expect(isWritten(world, "notes.txt")).toBe(written);
    expect(sentTo(world, OWNER)).toEqual([]);
    const { stdout } = await world.coderclaw("approvals", "list", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ approvals: [{ decision: { by: "configuration" } }] });
  });

  test("always holds for the very file, in the owner's turns, after a restart too, until it is forgotten", async () => {
    await using world = await createWorld();
    const gateway = await start(world);
    await asks(world, OWNER, "@ask edit a.txt x");
    await world.receive(OWNER, "always");
    await said(world, OWNER, "allowed: once");
    await gateway.kill("SIGTERM");
    await start(world);
    await world.receive(OWNER, "@ask edit a.txt y");
    await until(() => sentTo(world, OWNER).filter((text) => text === "allowed: once").length === 2);
    await asks(world, OWNER, "@ask edit b.txt x", { count: 2 });
    await world.receive(OWNER, "no");
    await said(world, OWNER, "denied: no");
    await asks(world, ANNA, "@ask edit a.txt z", { count: 3 });
    await world.receive(OWNER, "no");
    await said(world, ANNA, "denied: no");
    const standing = await world.coderclaw("approvals", "standing");
    expect(standing.stdout).toMatch(/^1 +crab +edit \S+\/a\.txt +allowed +owners/mu);
    expect((await world.coderclaw("approvals", "forget", "1")).code).toBe(0);
    expect((await world.coderclaw("approvals", "forget", "1")).code).toBe(1);
    await asks(world, OWNER, "@ask edit a.txt q", { count: 4 });
  });

  test("leave to run a program is leave for its arguments, folder and environment alone", async () => {
    await using world = await createWorld();
    await start(world);
    const status = { title: "git", kind: "execute", rawInput: { command: "git", args: ["status"] } };
    await asks(world, OWNER, requests(status));
    await world.receive(OWNER, "always");
    await said(world, OWNER, "chosen: once");
    await world.receive(OWNER, requests(status));
    await until(() => sentTo(world, OWNER).filter((text) => text === "chosen: once").length === 2);
    const others = [
      { ...status, rawInput: { command: "git", args: ["push", "--force"] } },
      { ...status, rawInput: { ...status.rawInput, cwd: "/elsewhere" } },
      { ...status, rawInput: { ...status.rawInput, env: { GIT_DIR: "/elsewhere" } } },
    ];
    for (const [at, other] of others.entries()) {
      await asks(world, OWNER, requests(other), { count: at + 2 });
      await world.receive(OWNER, "no");
      await until(() => sentTo(world, OWNER).filter((text) => text === "chosen: no").length === at + 1);
    }
    await asks(world, ANNA, requests(others[0] ?? {}), { count: 5 });
  });

  test("nothing outside of the workspace is allowed for good, not by a link either", async () => {
    await using world = await createWorld();
    await mkdir(workspace(world), { recursive: true });
    await writeFile(join(world.dir, "outside.txt"), "");
    await start(world);
    const path = join(world.dir, "outside.txt");
    const content = [{ type: "diff", path, oldText: "", newText: "x\n" }];
    const { question } = await asks(world, OWNER, requests({ title: "Edit", kind: "edit", content }));
    expect(question).not.toMatch(/always/iu);
  });

  test("a plan that is accepted is told to the agent as it is, and the next one is asked again", async () => {
    await using world = await createWorld();
    await start(world);
    const plan = requests({ title: "Ready to code?", kind: "switch_mode", rawInput: { plan: "1. Do it" } }, [
      { optionId: "acceptEdits", name: "Yes, and auto-accept edits", kind: "allow_always" },
      { optionId: "default", name: "Yes, and manually approve edits", kind: "allow_once" },
      { optionId: "plan", name: "No, keep planning", kind: "reject_once" },
    ]);
    const { question } = await asks(world, OWNER, plan);
    expect(question).toContain(
      "\n1. Yes, and auto-accept edits\n2. Yes, and manually approve edits\n3. No, keep planning\n",
    );
    await world.receive(OWNER, "1");
    await said(world, OWNER, "chosen: acceptEdits");
    await asks(world, OWNER, plan, { count: 2 });
    await world.receive(OWNER, "yes");
    await said(world, OWNER, "chosen: default");
  });
});
