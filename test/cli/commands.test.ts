// Commands that work on configuration and state database with the gateway stopped.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ANNA, BERT, HOME, sent } from "../contracts/store-world.ts";
import { CliWorld } from "./world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
  world.config({
    channels: { imessage: { cliPath: "/no/imsg", accounts: { home: {}, work: { dbPath: "/x" } } } },
  });
});
afterEach(() => world.remove());

describe("channels", () => {
  test("status without a gateway shows the configuration, makes nothing, and is no failure", async () => {
    const { code, stdout, stderr } = await world.run("channels", "status");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe("Gateway not reachable; showing config-only status.");
    expect(stdout).toContain("home: not running");
    expect(stdout).toContain("none without a state database");
    expect(existsSync(join(world.folder, "state.db"))).toBe(false);
  });

  test("status shows the configuration although the state database cannot be read, and says so", async () => {
    writeFileSync(join(world.folder, "state.db"), "no database ".repeat(1000));
    const { code, stdout } = await world.run("channels", "status");
    expect(code).toBe(0);
    expect(stdout).toContain("home: not running");
    expect(stdout).toContain("state.db cannot be used: file is not a database\n    Point store.url at");
  });

  test("status has the figures of the state database where there is one", async () => {
    await world.state(async (played) => played.waits(ANNA, "hi"));
    const { value } = await world.json("channels", "status");
    expect(value).toMatchObject({
      gateway: { running: false },
      accounts: [{ id: "home", figures: { waiting: 1, cursor: 101 } }, { id: "work" }],
    });
  });

  test("--probe says what is missing and how to get it, and fails", async () => {
    const { code, stdout } = await world.run("channels", "status", "--probe");
    expect(code).toBe(1);
    expect(stdout).toContain("FAILED program   imsg not found (/no/imsg)");
    expect(stdout).toContain("Fix: ");
  });

  test("list shows what is configured, or that nothing is", async () => {
    expect((await world.run("channels", "list")).stdout).toMatch(/^ACCOUNT .*\nhome .*\nwork /);
    world.config({});
    expect((await world.run("channels", "list")).stdout).toBe("No imessage account is configured.\n");
  });
});

describe("pairing", () => {
  test("nobody asks", async () => {
    expect((await world.run("pairing", "list", "imessage")).stdout).toBe(
      "No pending imessage pairing requests.\n",
    );
    expect(await world.run("pairing", "approve", "imessage", "ABCD2345")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^No pending pairing request found for code: ABCD2345\n.+\n$/) as string,
    });
    expect((await world.json("pairing", "list", "imessage")).value).toEqual({
      requests: [],
      turnedAway: [],
    });
  });

  test("those turned away are shown until they are heard", async () => {
    const outcome = { kind: "ignore", code: "pairing.full", because: "full", fix: "approve" } as const;
    await world.state(async (played) => {
      await played.decide([played.message(ANNA, "let me in"), played.message(BERT, "me too")], { outcome });
      await played.asks(BERT, "ABCD2345");
    });
    const { stdout } = await world.run("pairing", "list", "imessage");
    expect(stdout).toMatch(/^CODE .*\nABCD2345 .*\n\nTurned away in the last hour.*:\nSENDER .*\n.*\n$/);
    expect(stdout).toContain(`\n${ANNA}  home     20`);
    const { value } = await world.json("pairing", "list", "imessage");
    expect(value["turnedAway"]).toMatchObject([{ handle: ANNA, accountId: "home" }]);
    const ofWork = await world.json("pairing", "list", "imessage", "--account", "work");
    expect(ofWork.value).toEqual({ requests: [], turnedAway: [] });
  });

  test("a stranger is listed, approved in lower case, listed as approved, and revoked", async () => {
    await world.state(async (played) => played.asks(ANNA, "ABCD2345"));
    expect((await world.run("pairing", "list", "imessage")).stdout).toContain(`ABCD2345  ${ANNA}  home`);
    const approved = await world.run("pairing", "approve", "imessage", "abcd2345");
    expect(approved).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^Approved \+15550000001 \(account home\)\.\n1 held message will be answered\.\n/,
      ) as string,
      stderr: "",
    });
    const { value } = await world.json("pairing", "list", "imessage", "--approved");
    expect(value["approved"]).toMatchObject([{ handle: ANNA, accountId: "home" }]);
    const revoked = await world.run("pairing", "revoke", "imessage", ANNA);
    expect(revoked.stdout).toBe(`Revoked ${ANNA} (account home).\n`);
    expect((await world.run("pairing", "revoke", "imessage", ANNA)).code).toBe(1);
  });

  test("denied, or of an account that is not there", async () => {
    await world.state(async (played) => played.asks(ANNA, "ABCD2345"));
    expect((await world.run("pairing", "list", "imessage", "--account", "wrok")).stderr).toContain(
      "There is no account wrok.",
    );
    expect((await world.run("pairing", "deny", "imessage", "ABCD2345", "--account", "work")).code).toBe(1);
    expect((await world.run("pairing", "deny", "imessage", "ABCD2345")).stdout).toBe(
      `Denied ${ANNA} (account home).\n`,
    );
  });

  test("--owner writes the owner down beside those that were owners by allowFrom", async () => {
    world.config({ channels: { imessage: { accounts: { home: { allowFrom: [BERT] } } } } });
    await world.state(async (played) => played.asks(ANNA, "ABCD2345"));
    const { stdout } = await world.run("pairing", "approve", "imessage", "ABCD2345", "--owner");
    expect(stdout).toContain(`Owners: ${BERT}, ${ANNA}`);
    const { value } = await world.json("config", "get", "commands.ownerAllowFrom");
    expect(value["value"]).toEqual([BERT, ANNA]);
  });

  test("--owner adds to the list that is there, comments kept", async () => {
    const list = `{ commands: { ownerAllowFrom: [\n  "${BERT}", // me\n] }, channels: { imessage: { accounts: { home: {} } } } }`;
    writeFileSync(world.configFile, list, { mode: 0o600 });
    await world.state(async (played) => played.asks(ANNA, "ABCD2345"));
    const { code } = await world.run("pairing", "approve", "imessage", "ABCD2345", "--owner");
    expect(code).toBe(0);
    expect(readFileSync(world.configFile, "utf8")).toContain("// me");
    expect((await world.json("config", "get", "commands.ownerAllowFrom")).value["value"]).toEqual([
      BERT,
      ANNA,
    ]);
  });
});

describe("explain", () => {
  test("tells the story in lines and ends with a sentence", async () => {
    await world.state(async (played) => {
      await played.answer(ANNA, "one");
      await played.sendAll();
    });
    const { code, stdout } = await world.run("explain", "101");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Message 101 of account home \(GUID-101\): “question”\n/);
    expect(stdout).toMatch(/\nAnswered at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\n$/);
    const { value } = await world.json("explain", "GUID-101");
    expect(value["messages"]).toMatchObject([{ conclusion: { verdict: "answered" } }]);
  });

  test("why not, and the fix", async () => {
    const outcome = {
      kind: "ignore",
      code: "dm.not-allowed",
      because: "X is not listed",
      fix: "List X.",
    } as const;
    await world.state(async (played) =>
      played.decide([played.message(ANNA, "a\u001b[2Jb\u202e\u009bc")], { outcome }),
    );
    const { stdout } = await world.run("explain", "101");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("Not answered because X is not listed. Fix: List X.");
    const json = await world.run("explain", "101", "--json");
    for (const acting of ["\u001b", "\u009b", "\u202e"])
      expect([stdout.includes(acting), json.stdout.includes(acting)]).toEqual([false, false]);
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain("b\u202e\u009bc");
  });
});

describe("outbox", () => {
  test("empty, parked, retried, dropped", async () => {
    expect((await world.run("outbox", "list")).stdout).toBe("Nothing waits to be sent.\n");
    const id = await world.state(async (played) => {
      await played.answer(ANNA, "one");
      const [part] = await played.claim();
      await played.settle(part as never, { state: "parked", reason: "no such chat" });
      return `${part?.id}`;
    });
    const listed = await world.run("outbox", "list");
    expect(listed.stdout).toMatch(new RegExp(`^ID .*\\n${id} +parked +chat_id:1 .* no such chat\\n$`));
    expect((await world.run("outbox", "retry", id)).stdout).toBe(`Message ${id} is queued now.\n`);
    const again = await world.run("outbox", "retry", id);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`Message ${id} is queued: only a parked one can be retried.`);
    expect((await world.run("outbox", "drop", id)).stdout).toBe(`Message ${id} is dropped now.\n`);
    expect((await world.run("outbox", "list")).stdout).toBe("Nothing waits to be sent.\n");
    const { value } = await world.json("outbox", "list", "--all");
    expect(value["messages"]).toMatchObject([{ state: "dropped" }]);
    expect((await world.run("outbox", "drop", "99")).stderr).toContain("The outbox has no message 99.");
  });

  test("says when each is tried next, and that none is being sent while no gateway runs", async () => {
    const ids = await world.state(async (played) => {
      await played.answer(ANNA, "one", "two");
      const [part] = await played.claim();
      return [Number(part?.id), Number(part?.id) + 1];
    });
    const { stdout } = await world.run("outbox", "list");
    expect(stdout.split("\n")[0]).toMatch(/TRIES +NEXT +TEXT/u);
    expect(stdout).toMatch(
      new RegExp(`\\n${ids[0]} +unknown .* looked for when the gateway runs +one +the gateway ended`),
    );
    expect(stdout).toMatch(new RegExp(`\\n${ids[1]} +queued .* after ${ids[0]} +two`));
  });

  test("what is sent can be neither retried nor dropped", async () => {
    const id = await world.state(async (played) => {
      await played.answer(ANNA, "one");
      const [part] = await played.claim();
      await played.settle(part as never, sent("G1"));
      return `${part?.id}`;
    });
    for (const verb of ["retry", "drop"]) expect((await world.run("outbox", verb, id)).code).toBe(1);
  });
});

describe("config", () => {
  test("set, get, unset and validate", async () => {
    const key = "channels.imessage.dmPolicy";
    expect((await world.run("config", "path")).stdout).toBe(`${world.configFile}\n`);
    expect((await world.run("config", "set", key, "allowlist")).stdout).toBe(`${key} is allowlist\n`);
    expect((await world.run("config", "get", key)).stdout).toBe("allowlist\n");
    expect((await world.run("config", "unset", key)).stdout).toBe(`${key} is not set any more\n`);
    expect((await world.run("config", "get", key)).stdout).toBe("pairing\n");
    expect((await world.run("config", "validate")).stdout).toBe(`${world.configFile} is valid.\n`);
  });

  test("what would not be valid is not written", async () => {
    const before = readFileSync(world.configFile, "utf8");
    const { code, stderr } = await world.run("config", "set", "channels.imessage.dmPolicy", "sometimes");
    expect(code).toBe(3);
    expect(stderr).toContain("not written");
    expect(readFileSync(world.configFile, "utf8")).toBe(before);
  });

  test("validate lists every problem and exits with 3", async () => {
    world.config({ chanels: {}, gateway: { port: "x" } });
    const { code, stderr } = await world.run("config", "validate");
    expect(code).toBe(3);
    expect(stderr).toContain("chanels");
    expect(stderr).toContain("gateway.port");
    const { value } = await world.json("config", "validate");
    expect(value).toMatchObject({ ok: false, problems: [{ path: "chanels" }, { path: "gateway.port" }] });
  });

  test("a secret is not shown unless asked for", async () => {
    world.config({ gateway: { token: "hush-hush-hush-hush" } });
    expect((await world.run("config", "get")).stdout).not.toContain("hush-hush-hush-hush");
    expect((await world.run("config", "get", "gateway.token")).stdout).toBe("••••\n");
    expect((await world.run("config", "get", "gateway.token", "--reveal")).stdout).toBe(
      "hush-hush-hush-hush\n",
    );
  });

  test("schema is a JSON Schema", async () => {
    const { stdout } = await world.run("config", "schema");
    expect(JSON.parse(stdout)).toMatchObject({
      type: "object",
      properties: { channels: { type: "object" } },
    });
  });
});

test("chats without a gateway asks an imsg of its own, which is not there", async () => {
  const { code, stderr } = await world.run("chats", "--account", HOME);
  expect(code).toBe(1);
  expect(stderr).toContain("imsg not found (/no/imsg)");
  expect((await world.run("chats")).stderr).toContain("There are several accounts.");
  world.config({ channels: { imessage: { cliPath: "false" } } });
  expect((await world.run("chats")).stderr).toBe(
    "imsg ended (exit 1)\nRun `coderclaw channels status --probe` to see what is wrong.\n",
  );
});
