// Commands in chat: who may give them, what each does, and that none is done twice.
import { rm, writeFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Recorder } from "./recorder.ts";
import { until, World, type WorldOptions } from "./world.ts";

const OWNER = "+14155550001";
const FRIEND = "+14155550002";
const STRANGER = "+14155550003";
/** Everybody may write; the one who is named is the owner. */
const OPEN = { dmPolicy: "open", allowFrom: ["*", OWNER] };

/** What a command is and what is answered. */
async function ask(world: World, from: string, text: string): Promise<string> {
  const before = world.sentTo(from).length;
  await world.receive(from, text);
  return world.mac.nthSent(from, before + 1);
}

/** What is decided about a text that is not answered. */
async function ignored(world: World, guid: string): Promise<string | undefined> {
  const { kind, code } = await world.decided(guid);
  expect(kind).toBe("ignore");
  return code;
}

describe("in direct chats", () => {
  test("the owner may give every command, whoever is admitted those that change nothing but their own conversation", async () => {
    await using world = await World.create({ imessage: OPEN });
    await world.start();
    const all = await ask(world, OWNER, "/help");
    for (const name of ["/whoami", "/status", "/new", "/reset", "/stop", "/agent", "/pairing"])
      expect(all).toContain(name);
    const some = await ask(world, FRIEND, "/commands");
    for (const name of ["/whoami", "/status", "/new", "/stop"]) expect(some).toContain(name);
    for (const name of ["/agent", "/pairing", "/config"]) expect(some).not.toContain(name);

    const owner = await ask(world, OWNER, "/whoami");
    for (const fact of [OWNER, "chat_id:1", "agent:main:main", "owner"]) expect(owner).toContain(fact);
    const friend = await ask(world, FRIEND, "/ID");
    for (const fact of [FRIEND, "chat_id:2", "agent:main:main", "authorised"]) expect(friend).toContain(fact);

    expect(await ask(world, OWNER, "/status")).toMatch(/main[^]*default/);
    const status = await ask(world, FRIEND, "/Status:");
    expect(status).toContain("main");
    for (const internal of [world.dir, OWNER, "default", "cursor"]) expect(status).not.toContain(internal);

    expect(await ask(world, OWNER, "/agent")).toContain("main");
    expect(await ask(world, OWNER, "/pairing list")).toContain("No pending imessage pairing requests.");
    expect(await ask(world, OWNER, "/config show")).toBe(
      "⚠️ /config is disabled. Set commands.config=true to enable.",
    );
    const sent = world.sentTo(FRIEND).length;
    for (const text of ["/agent", "/agent main", "/pairing list", "/config show", "/Config: set a 1"])
      expect([text, await ignored(world, await world.receive(FRIEND, text))]).toEqual([
        text,
        "command.not-owner",
      ]);
    expect(await ask(world, FRIEND, "/stop")).toBe("Nothing was running.");
    expect(world.sentTo(FRIEND)).toHaveLength(sent + 1);
  });

  test("what is no command is for the agent: unknown names, a command within a text, a bare stop with nothing to stop", async () => {
    await using world = await World.create({ imessage: OPEN });
    await world.start();
    const texts = ["/frobnicate now", "try /help", "stop", "Cancel!", "/", "/helpful", "//help"];
    for (const text of texts) await ask(world, OWNER, text);
    await world.expectSent(
      OWNER,
      texts.map((text) => `You said: ${text}`),
    );
  });

  test("a stranger's command is a stranger's message", async () => {
    await using world = await World.create({ imessage: { dmPolicy: "allowlist", allowFrom: [OWNER] } });
    await world.start();
    const guid = await world.receive(STRANGER, "/whoami");
    expect(await ignored(world, guid)).toBe("dm.not-allowed");
    expect(await ask(world, OWNER, "/whoami")).toContain("owner");
    expect(world.sentTo(STRANGER)).toEqual([]);
  });

  test("commands.ownerAllowFrom says who the owner is, in place of allowFrom", async () => {
    await using world = await World.create({
      imessage: OPEN,
      config: { commands: { ownerAllowFrom: [FRIEND] } },
    });
    await world.start();
    expect(await ask(world, FRIEND, "/whoami")).toContain("owner");
    expect(await ask(world, OWNER, "/whoami")).toContain("authorised");
    expect(await ignored(world, await world.receive(OWNER, "/agent"))).toBe("command.not-owner");
  });
});

describe("in groups", () => {
  const MENTION = { messages: { groupChat: { mentionPatterns: ["bot"] } } };

  test("a command from somebody listed passes the mention gate and nothing else; from anybody else it is nothing", async () => {
    await using world = await World.create();
    const members = [OWNER, FRIEND, STRANGER];
    const inside = await world.mac.makeGroup("In", members);
    const outside = await world.mac.makeGroup("Out", members);
    const imessage = {
      dmPolicy: "allowlist",
      allowFrom: [OWNER],
      groupPolicy: "open",
      groupAllowFrom: [FRIEND],
      groups: { [inside.chatId]: {} },
    };
    await world.configure({ imessage, config: MENTION });
    await world.start();
    const decide = async (chat: { chatId: number }, from: string, text: string): Promise<string> => {
      const { kind, code } = await world.decided((await world.writeIn(chat.chatId, from, text)).guid);
      return code ?? kind;
    };
    expect({
      ownerInConfigList: await decide(inside, OWNER, "/whoami"),
      listedInGroup: await decide(inside, FRIEND, "/whoami"),
      admittedByOpen: await decide(inside, STRANGER, "/whoami"),
      mentionedToo: await decide(inside, STRANGER, "bot /whoami"),
      listedNotOwner: await decide(inside, FRIEND, "/agent"),
      unknownName: await decide(inside, FRIEND, "/frobnicate"),
      notRegistered: await decide(outside, FRIEND, "/whoami"),
      bareStopWhenIdle: await decide(inside, FRIEND, "stop"),
    }).toEqual({
      ownerInConfigList: "command",
      listedInGroup: "command",
      admittedByOpen: "command.not-authorised",
      mentionedToo: "turn",
      listedNotOwner: "command.not-owner",
      unknownName: "group.not-mentioned",
      notRegistered: "group.not-registered",
      bareStopWhenIdle: "group.not-mentioned",
    });
    await until(
      () => world.sentTo(inside.chatId).length === 3,
      () => world.lastLog(),
    );
    expect(world.sent().every((row) => row.chatId === inside.chatId)).toBe(true);
    expect(
      world
        .sentTo(inside.chatId)
        .filter((text) => text.includes(`agent:main:imessage:group:${inside.chatId}`)),
    ).toHaveLength(2);

    await world.reconfigure({ imessage, config: { ...MENTION, commands: { useAccessGroups: false } } });
    expect(await decide(inside, STRANGER, "/whoami")).toBe("command");
    expect(await decide(inside, STRANGER, "/agent")).toBe("command.not-owner");
  });

  test("a policy that drops the sender drops their commands", async () => {
    await using world = await World.create();
    const { chatId } = await world.mac.makeGroup("In", [OWNER, FRIEND]);
    await world.configure({
      imessage: { dmPolicy: "allowlist", allowFrom: [OWNER], groupAllowFrom: [FRIEND] },
      config: { ...MENTION, commands: { useAccessGroups: false } },
    });
    await world.start();
    const { guid } = await world.writeIn(chatId, OWNER, "/whoami");
    expect(await ignored(world, guid)).toBe("group.sender-not-allowed");
  });
});

/** True while a process is there. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie waits for its parent to look; it does nothing any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("/stop", () => {
  /** An agent that works for ever on what holds `wait` or `stubborn`, with a child of its own. */
  const SCRIPT = `text=$(cat)
case "$text" in
  *stubborn*) trap '' TERM;;
  *wait*) ;;
  *) printf 'did: %s' "$text"; exit;;
esac
sleep 600 & echo "$! $$" > pids.part; mv pids.part pids
while :; do sleep 600 & wait; done`;

  async function working(
    world: World,
    options: WorldOptions = { imessage: OPEN },
    kill?: { readonly step: string; readonly count: number },
  ): Promise<void> {
    const defaults = { workspace: world.dir, runtime: { type: "command", command: ["sh", "-c", SCRIPT] } };
    await world.configure({ ...options, config: { ...options.config, agents: { defaults } } });
    if (kill === undefined) return void (await world.start());
    world.launchKilling(kill);
    await until(
      () => world.lastLog().includes("] watching,"),
      () => world.lastLog(),
    );
  }

  /** The processes of a turn that has begun. */
  async function processes(world: World): Promise<number[]> {
    const file = join(world.dir, "pids");
    await until(
      () => existsSync(file),
      () => world.lastLog(),
    );
    return readFileSync(file, "utf8").trim().split(" ").map(Number);
  }

  async function allGone(pids: readonly number[]): Promise<void> {
    await until(
      () => !pids.some((pid) => isThere(pid)),
      () => `${pids.filter((pid) => isThere(pid)).join(", ")} still there`,
      20_000,
    );
  }

  test.each(["/stop", "/Stop:", "stop", "Abort!", "CANCEL."])(
    "%s ends the running turn with all its processes, and drops what waits",
    async (word) => {
      await using world = await World.create();
      await working(world);
      await world.receive(OWNER, "wait for it");
      const pids = await processes(world);
      expect(pids.every((pid) => isThere(pid))).toBe(true);
      const waiting = await world.receive(OWNER, "and then this");
      expect((await world.decided(waiting)).kind).toBe("turn");
      // Another conversation is none of its business.
      expect(await ask(world, FRIEND, "hello")).toBe("did: hello");
      expect(await ask(world, OWNER, word)).toBe("Stopped; 1 waiting message will not be answered.");
      await allGone(pids);
      const told = await world.coderclaw("explain", waiting);
      expect(told.stdout).toContain("Not answered");
      expect(told.stdout).toContain("stop");
      expect(await ask(world, OWNER, "next")).toBe("did: next");
      expect(world.sentTo(OWNER)).toHaveLength(2);
    },
  );

  test("in a group those who may give commands stop it with a bare word, the others do not", async () => {
    await using world = await World.create();
    const { chatId } = await world.mac.makeGroup("In", [OWNER, FRIEND, STRANGER]);
    await working(world, {
      imessage: { dmPolicy: "allowlist", allowFrom: [OWNER], groupPolicy: "open", groupAllowFrom: [FRIEND] },
      config: { messages: { groupChat: { mentionPatterns: ["wait"] } } },
    });
    await world.writeIn(chatId, STRANGER, "wait for me");
    const pids = await processes(world);
    const other = await world.writeIn(chatId, STRANGER, "stop");
    expect((await world.decided(other.guid)).kind).not.toBe("command");
    expect(pids.every((pid) => isThere(pid))).toBe(true);
    await world.writeIn(chatId, FRIEND, "stop!");
    await allGone(pids);
    await world.expectSent(chatId, ["Stopped."]);
  });

  test.each(["rows.decided", "command.finished"])(
    "a gateway killed at %s of a /stop: the turn is not run to its end by the next one",
    async (step) => {
      await using world = await World.create();
      await working(world, undefined, { step, count: step === "rows.decided" ? 2 : 1 });
      await world.receive(OWNER, "wait for it");
      const old = await processes(world);
      await world.receive(OWNER, "/stop");
      expect((await world.ended()).signal).toBe("SIGKILL");
      // What a killed gateway leaves behind is not the next one's child.
      for (const pid of old.filter((one) => isThere(one))) process.kill(pid, "SIGKILL");
      await rm(join(world.dir, "pids"));
      world.launchKilling();
      expect(await world.mac.nthSent(OWNER, 1)).toMatch(/^Stopped|^Nothing was running/);
      expect(await ask(world, OWNER, "next")).toBe("did: next");
      expect(world.sentTo(OWNER)).toHaveLength(2);
      if (existsSync(join(world.dir, "pids"))) await allGone(await processes(world));
    },
  );

  test("an agent that does not want to end is killed", async () => {
    await using world = await World.create();
    await working(world);
    await world.receive(OWNER, "stubborn work");
    const pids = await processes(world);
    expect(await ask(world, OWNER, "/stop")).toBe("Stopped.");
    await allGone(pids);
    expect(await ask(world, OWNER, "next")).toBe("did: next");
  });
});

describe("sessions", () => {
  test("/new and /reset forget; what stands behind is the first message of the new session", async () => {
    await using world = await World.create({ imessage: OPEN });
    const recorder = new Recorder(world);
    await world.configure({
      imessage: OPEN,
      config: { agents: { defaults: { runtime: recorder.runtime } } },
    });
    await world.start();
    await world.receive(OWNER, "one");
    const first = await recorder.nth(1);
    await world.mac.nthSent(OWNER, 1);
    expect(await ask(world, OWNER, "/new")).toMatch(/new session/i);
    await world.receive(OWNER, "two");
    const second = await recorder.nth(2);
    await world.mac.nthSent(OWNER, 3);
    await world.receive(OWNER, "/reset: three\nof three");
    const third = await recorder.nth(3);
    expect(third.messages.map(({ text }) => text)).toEqual(["three\nof three"]);
    expect(third.prompt).toBe("three\nof three");
    expect(new Set([first, second, third].map((turn) => turn.sessionId)).size).toBe(3);
    expect(new Set([first, second, third].map((turn) => turn.sessionKey)).size).toBe(1);
    // The answer is the reply: nothing else is said.
    await world.receive(OWNER, "four");
    expect((await recorder.nth(4)).sessionId).toBe(third.sessionId);
    await world.mac.nthSent(OWNER, 5);
    expect(world.sentTo(OWNER).filter((text) => text === "noted")).toHaveLength(4);
    expect(world.sentTo(OWNER)).toHaveLength(5);
  });

  test("earlier turns of a direct chat are shown again as far as dmHistoryLimit goes, and none from before /new", async () => {
    await using world = await World.create();
    const recorder = new Recorder(world, "aye");
    await world.configure({
      imessage: { ...OPEN, dmHistoryLimit: 1, dms: { "(415) 555-0002": { historyLimit: 0 } } },
      config: { agents: { defaults: { runtime: recorder.runtime } }, session: { dmScope: "per-peer" } },
    });
    await world.start();
    const given = async (from: string, text: string): Promise<string> => {
      expect(await ask(world, from, text)).toBe("aye");
      return recorder.turns().at(-1)?.prompt ?? "";
    };
    expect(await given(OWNER, "one")).toBe("one");
    const second = await given(OWNER, "two");
    expect([second.includes("> one"), second.includes("aye"), second.includes("> two")]).toEqual([
      true,
      true,
      true,
    ]);
    const third = await given(OWNER, "three");
    expect([third.includes("> one"), third.includes("> two")]).toEqual([false, true]);
    await ask(world, OWNER, "/new");
    expect(await given(OWNER, "four")).toBe("four");
    expect(await given(FRIEND, "five")).toBe("five");
    expect(await given(FRIEND, "six")).toBe("six");
  });

  test("/new waits for its turn: what was written before it belongs to the old session", async () => {
    await using world = await World.create({ imessage: OPEN });
    const gate = join(world.dir, "gate");
    const script = `text=$(cat); while [ ! -f '${gate}' ]; do sleep 0.02; done; printf '%s' "$text"`;
    const runtime = { type: "command", command: ["sh", "-c", script] };
    await world.configure({ imessage: OPEN, config: { agents: { defaults: { runtime } } } });
    await world.start();
    await world.decided(await world.receive(OWNER, "one"));
    await world.decided(await world.receive(OWNER, "two"));
    await world.decided(await world.receive(OWNER, "/new three"));
    await world.decided(await world.receive(OWNER, "four"));
    await writeFile(gate, "");
    await world.expectSent(OWNER, ["one", "two", "three\nfour"]);
  });

  test("/agent shows and pins the agent of one conversation, over what the configuration says, and across restarts", async () => {
    await using world = await World.create();
    const main = new Recorder(world, "by main");
    const cook = new Recorder(world, "by cook");
    const trip = await world.mac.makeGroup("Trip", [OWNER, FRIEND]);
    await world.configure({
      imessage: { ...OPEN, groupPolicy: "open", groups: { [trip.chatId]: { agentId: "cook" } } },
      config: {
        agents: {
          list: [
            { id: "main", default: true, runtime: main.runtime },
            { id: "cook", name: "The cook", runtime: cook.runtime },
          ],
        },
      },
    });
    const gateway = await world.start();
    expect(await ask(world, OWNER, "/agent")).toMatch(/main[^]*cook/);
    expect(await ask(world, OWNER, "hi")).toBe("by main");
    expect(await ask(world, OWNER, "/agent nobody")).toMatch(/cook/);
    expect(await ask(world, OWNER, "/agent Cook")).toContain("cook");
    expect(await ask(world, OWNER, "hi")).toBe("by cook");
    expect(await ask(world, FRIEND, "hi")).toBe("by main");
    expect(cook.turns()[0]?.sessionKey).toBe("agent:cook:main");
    await gateway.kill("SIGTERM");
    await world.start();
    expect(await ask(world, OWNER, "still?")).toBe("by cook");
    await ask(world, OWNER, "/agent default");
    expect(await ask(world, OWNER, "and now?")).toBe("by main");

    await world.writeIn(trip, OWNER, "here?");
    await world.expectSent(trip.chatId, ["by cook"]);
    await world.writeIn(trip, OWNER, "/agent main");
    await world.mac.nthSent(trip.chatId, 2);
    await world.writeIn(trip, FRIEND, "and here?");
    expect(await world.mac.nthSent(trip.chatId, 3)).toBe("by main");
  });
});

test("the owner lets strangers in, or not, from the phone", async () => {
  await using world = await World.create({ imessage: { dmPolicy: "pairing", allowFrom: [OWNER] } });
  await world.start();
  await world.receive(FRIEND, "hello");
  const notice = await world.mac.nthSent(OWNER, 1);
  const code = /pairing approve (?:imessage )?([A-Z2-9]{8})/.exec(notice)?.[1] ?? "";
  expect(notice).toContain(FRIEND);
  expect(await ask(world, OWNER, "/pairing list")).toContain(code);
  expect(await ask(world, OWNER, `/pairing approve ${code.toLowerCase()}`)).toContain(FRIEND);
  expect(await world.mac.nthSent(FRIEND, 3)).toBe("You said: hello");
  expect(await ask(world, OWNER, `/pairing approve ${code}`)).toContain(
    `No pending pairing request found for code: ${code}`,
  );

  await world.receive(STRANGER, "me too");
  const other = /imessage ([A-Z2-9]{8})/.exec(await world.mac.nthSent(STRANGER, 1))?.[1] ?? "";
  await until(
    () => world.sentTo(OWNER).some((text) => text.includes(other)),
    () => world.lastLog(),
  );
  const told = world.sentTo(OWNER).length;
  await world.receive(OWNER, `/pairing deny ${other}`);
  expect(await world.mac.nthSent(OWNER, told + 1)).toContain(STRANGER);
  const guid = await world.receive(STRANGER, "please");
  expect(await ignored(world, guid)).toBe("pairing.denied");
  // An approved friend is admitted, and no owner.
  expect(await ignored(world, await world.receive(FRIEND, "/pairing list"))).toBe("command.not-owner");
  expect(await ask(world, FRIEND, "/whoami")).toContain("authorised");
});

describe("killed", () => {
  const CONFIG = { commands: { config: true }, messages: { responsePrefix: "" } };

  async function watching(world: World): Promise<void> {
    await until(
      () => world.lastLog().includes("] watching,"),
      () => world.lastLog(),
    );
  }

  /** A command comes, the gateway dies at `step`, another one starts. */
  async function killedAt(world: World, step: string, text: string): Promise<void> {
    const doomed = world.launchKilling({ step });
    await watching(world);
    await world.receive(OWNER, text);
    expect((await doomed.ended).signal).toBe("SIGKILL");
    world.launchKilling();
    await watching(world);
  }

  async function startedOnce(world: World): Promise<void> {
    const first = world.launchKilling();
    await watching(world);
    await first.kill("SIGTERM");
  }

  test.each(["rows.accepted", "rows.decided", "command.finished", "part.claimed", "send.answered"])(
    "at %s: a command is answered once",
    async (step) => {
      await using world = await World.create({ imessage: OPEN });
      await startedOnce(world);
      await killedAt(world, step, "/whoami");
      expect(await world.mac.nthSent(OWNER, 1)).toContain("agent:main:main");
      await world.receive(OWNER, "bye");
      await until(
        () => world.sentTo(OWNER).includes("You said: bye"),
        () => world.lastLog(),
      );
      expect(world.sentTo(OWNER)).toHaveLength(2);
    },
  );

  test.each(["rows.decided", "command.finished"])(
    "at %s: /new forgets once, its text is answered once",
    async (step) => {
      await using world = await World.create({ imessage: OPEN });
      const recorder = new Recorder(world);
      await world.configure({
        imessage: OPEN,
        config: { agents: { defaults: { runtime: recorder.runtime } } },
      });
      const first = world.launchKilling();
      await watching(world);
      await world.receive(OWNER, "before");
      // Its own answer has come back, too: nothing is left to decide.
      await until(
        () => first.log().includes("own.row"),
        () => first.log(),
      );
      await first.kill("SIGTERM");
      await killedAt(world, step, "/new after");
      await world.mac.nthSent(OWNER, 2);
      await world.receive(OWNER, "later");
      await world.mac.nthSent(OWNER, 3);
      const [before, after, later] = recorder.turns();
      expect([before, after, later].map((turn) => turn?.prompt)).toEqual(["before", "after", "later"]);
      expect(after?.sessionId).not.toBe(before?.sessionId);
      expect(later?.sessionId).toBe(after?.sessionId);
      expect(recorder.turns()).toHaveLength(3);
    },
  );

  // What is done outside of the state database cannot be known to be done: it is not done again, and said so.
  test.each(["rows.decided", "command.begun", "command.finished"])(
    "at %s: a change of the config is made once or not, and answered once",
    async (step) => {
      await using world = await World.create({ imessage: OPEN, config: CONFIG });
      await startedOnce(world);
      await killedAt(world, step, '/config set messages.responsePrefix "bot: "');
      const reply = await world.mac.nthSent(OWNER, 1);
      const isSet = readFileSync(world.configFile, "utf8").includes("bot: ");
      if (step === "command.begun") expect(reply).toMatch(/not known[^]*\/config get/);
      else expect([isSet, reply]).toEqual([true, expect.stringContaining("messages.responsePrefix")]);
      await world.receive(OWNER, "/config get messages.responsePrefix");
      expect(await world.mac.nthSent(OWNER, 2)).toMatch(
        isSet ? /responsePrefix[^]*bot: / : /responsePrefix(?![^]*bot: )/,
      );
      expect(world.sentTo(OWNER)).toHaveLength(2);
    },
  );
});
