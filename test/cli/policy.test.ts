// Commands that say what would be done, what is wrong, and what is limited.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ANNA, BERT } from "../contracts/store-world.ts";
import { CliWorld, type PrintedError } from "./world.ts";

const IMESSAGE = {
  cliPath: "/no/imsg",
  allowFrom: [ANNA],
  groups: { "42": {}, "43": { enabled: false } },
  accounts: { home: {}, work: { dbPath: "/x" } },
};

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
  world.config({
    channels: { imessage: IMESSAGE },
    messages: { groupChat: { mentionPatterns: ["claw"] } },
  });
});
afterEach(() => world.remove());

describe("policy test", () => {
  const ofHome = ["policy", "test", "--account", "home", "--from", ANNA];

  test("prints every check, the outcome, the reply target; makes nothing", async () => {
    const { code, stdout, stderr } = await world.run(...ofHome, "--group", "42", "--text", "claw, hi");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(`${ANNA} writes in chat_id:42 (group) of account home: “claw, hi”`);
    expect(lines[1]).toContain("not in the journal");
    expect(lines.slice(2, -2).every((line) => line.startsWith("  passed  "))).toBe(true);
    expect(lines.at(-2)).toBe("It would be answered: agent main answers (agent:main:imessage:group:42).");
    expect(lines.at(-1)).toBe("The reply would go to chat_id:42.");
    expect(existsSync(join(world.folder, "state.db"))).toBe(false);
  });

  test("ends with the fix where nothing would be answered", async () => {
    const { stdout } = await world.run(...ofHome, "--group", "43", "--text", "claw");
    expect(stdout).toMatch(
      /\n {2}stopped groups: .*\nIt would be ignored: .*\(group\.entry-disabled\)\.\nFix: .*\n$/,
    );
  });

  test("sees the state database: a thread that the journal knows, by guid", async () => {
    await world.state(async (played) => played.waits(ANNA, "hi"));
    const chat = `iMessage;-;${ANNA}`;
    const { value } = await world.json(...ofHome, "--chat", chat, "--text", "/new hello");
    expect(value).toMatchObject({
      chat: { inJournal: true, isGroup: false },
      outcome: { kind: "command", command: { name: "new" } },
      replyTo: "chat_id:1",
    });
  });

  test("what a terminal acts on is not printed", async () => {
    const { stdout } = await world.run(
      ...ofHome,
      "--from",
      "e\u001b[2J\u202evil@x",
      "--text",
      "\u001b]0;x\u0007",
    );
    for (const acting of ["\u001b", "\u202e", "\u0007"]) expect(stdout.includes(acting)).toBe(false);
  });

  test.each([
    [["--from", ANNA, "--text", "hi"], 1, "There are several accounts."],
    [["--account", "home", "--from", " ", "--text", "hi"], 2, "The sender is empty."],
    [["--account", "home", "--from", ANNA, "--group", "bob", "--text", "hi"], 2, 'Chat "bob" is no chat.'],
    [
      ["--from", ANNA, "--group", "1", "--chat", "2", "--text", "hi"],
      2,
      "--group and --chat were both given",
    ],
    [["--from", ANNA], 2, "--text"],
  ])("%j fails with code %i", async (argv, code, message) => {
    const finished = await world.run("policy", "test", ...argv);
    expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code, stdout: "" });
    expect(finished.stderr).toContain(message);
    expect(finished.stderr.trimEnd().split("\n")).toHaveLength(2);
  });
});

describe("doctor", () => {
  test("lists what is broken first, each with its fix, and fails", async () => {
    const { code, stdout } = await world.run("doctor");
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("BROKEN  home: program: imsg not found (/no/imsg)");
    expect(
      lines.filter((_, index) => index % 2 === 1).every((line) => line.startsWith("        Fix: ")),
    ).toBe(true);
    expect(lines.at(-2)).toBe("warning The gateway does not run: nothing is answered");
  });

  test("a config that is not valid: every problem, with its place", async () => {
    writeFileSync(world.configFile, "{\n  chanels: {},\n  gateway: { port: 'x' },\n}", { mode: 0o600 });
    const { code, value } = await world.json("doctor");
    expect(code).toBe(1);
    expect(value).toMatchObject({ ok: false, findings: [{ severity: "broken" }, { severity: "broken" }] });
    expect((value["findings"] as { where: string }[])[0]?.where).toBe(`${world.configFile}:2:3`);
  });
});

describe("config undo", () => {
  test("takes the last change back, comments and all; twice makes it again", async () => {
    const text = `{ channels: { imessage: { region: "DE" } } } // mine\n`;
    writeFileSync(world.configFile, text, { mode: 0o600 });
    await world.run("config", "set", "channels.imessage.region", "FR");
    const undone = await world.run("config", "undo");
    expect(undone).toMatchObject({
      code: 0,
      stdout: "The last change is undone: channels.imessage.region\n",
    });
    expect(readFileSync(world.configFile, "utf8")).toBe(text);
    const { value } = await world.json("config", "undo");
    expect(value).toMatchObject({ changed: true, paths: ["channels.imessage.region"] });
    expect(readFileSync(world.configFile, "utf8")).toContain("FR");
  });

  test("nothing to undo is an error with what to do", async () => {
    const { code, value } = await world.json("config", "undo");
    expect(code).toBe(1);
    expect((value["error"] as PrintedError).code).toBe("config/no-undo");
    expect((value["error"] as PrintedError).hint).not.toBe("");
  });
});

describe("limits", () => {
  test("outbox list of one account, with why it waits", async () => {
    world.config({ channels: { imessage: { ...IMESSAGE, limits: { sendsPerMinute: 1 } } } });
    await world.state(async (played) => {
      await played.answer(ANNA, "one");
      await played.answer(BERT, "two");
      const [part] = await played.claim(1);
      await played.settle(part as never, { state: "parked", reason: "allowTo does not cover chat_id:1" });
    });
    const { stdout } = await world.run("outbox", "list", "--account", "home");
    expect(stdout).toContain("allowTo does not cover chat_id:1");
    expect(stdout).toContain("Account home waits for its send budget: 1 of 1 sends in the last minute");
    expect((await world.run("outbox", "list", "--account", "work")).stdout).toBe(
      "Nothing waits to be sent.\n",
    );
    expect((await world.run("outbox", "list", "--account", "wrok")).code).toBe(1);
    const { value } = await world.json("outbox", "list");
    expect(value).toMatchObject({ messages: [{}, {}], held: [{ accountId: "home", isHolding: true }] });
    const status = await world.run("channels", "status", "--account", "home");
    expect(status.stdout).toContain(
      "budget     1 send in the last minute (limit 1), 1 in the last hour (limit 100000); messages wait for it",
    );
  });

  test("status shows who is heard in groups, where messages go, and what was not answered", async () => {
    world.config({ channels: { imessage: { ...IMESSAGE, allowTo: [ANNA] } } });
    const outcome = { kind: "ignore", code: "dm.not-allowed", because: "x", fix: "y" } as const;
    await world.state(async (played) => played.decide([played.message(BERT, "hi")], { outcome }));
    const { stdout } = await world.run("channels", "status", "--account", "home");
    expect(stdout).toContain(
      `groups     allowlist: ${ANNA}, in 42, 43 (off); mention gating cannot be enforced`,
    );
    expect(stdout).toContain(`sends to   ${ANNA} only`);
    expect(stdout).toContain("unanswered dm.not-allowed 1 (last day; `coderclaw explain ROWID` says why)");
  });
});
