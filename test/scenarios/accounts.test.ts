// Several accounts and several agents: each account by its own rules, whatever becomes of the others.
import { describe, expect, test } from "vitest";
import type { Mac } from "./mac.ts";
import { Recorder } from "./recorder.ts";
import { DIALECTS, until, World, type Dialect, type GatewayProcess } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";

/** A world of two accounts, `home` and `work`, each with a database of its own. */
async function twoAccounts(
  options: {
    readonly dialect?: Dialect;
    readonly home?: Record<string, unknown>;
    readonly work?: Record<string, unknown>;
    readonly imessage?: Record<string, unknown>;
    readonly config?: Record<string, unknown>;
  } = {},
): Promise<{ world: World; work: Mac; configure: () => Promise<void> }> {
  const dialect = options.dialect ?? "v1";
  const world = await World.create({ dialect });
  const work = await world.addMac("work", { dialect });
  const accounts = {
    home: options.home ?? {},
    work: { cliPath: work.cli, dbPath: work.dbPath, ...options.work },
  };
  const imessage = { ...options.imessage, accounts };
  const configure = async (): Promise<void> => world.configure({ imessage, config: options.config ?? {} });
  await configure();
  return { world, work, configure };
}

/** Starts the gateway and waits until it watches every account. */
async function startAll(world: World): Promise<GatewayProcess> {
  const gateway = await world.start();
  await until(
    () => ["[home] watching", "[work] watching"].every((line) => gateway.log().includes(line)),
    () => gateway.log(),
  );
  return gateway;
}

interface Status {
  readonly accounts: readonly {
    readonly id: string;
    readonly health?: { readonly watching: { readonly ok: boolean } };
    readonly policy?: { readonly dmPolicy: string; readonly summary: string };
  }[];
}

const TROUBLES: readonly (readonly [what: string, fault: Record<string, unknown>])[] = [
  ["is killed over and over", { fault: "exit", signal: "SIGKILL" }],
  ["does not start", { fault: "exit-at-start" }],
  ["hangs", { fault: "hang", freeze: true }],
];

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test.each(TROUBLES)(
    "an account whose imsg %s delays nobody else's, and comes back",
    async (_what, fault) => {
      const { world, work } = await twoAccounts({ dialect, imessage: { probeTimeoutMs: 1000 } });
      await using _world = world;
      const gateway = await startAll(world);
      await world.receive(ANNA, "hello");
      await work.write(ANNA, "hello");
      await world.expectSent(ANNA, ["You said: hello"]);
      await work.expectSent(ANNA, ["You said: hello"]);

      // A rule alone ends what runs; what does not start has to be ended first.
      if (fault["fault"] === "exit-at-start") await work.setFaults({ fault: "exit", times: 2 }, fault);
      else await work.setFaults(fault);
      const watching = async (): Promise<Record<string, boolean | undefined>> => {
        const { accounts } = await world.ask<Status>("/api/status");
        return Object.fromEntries(accounts.map(({ id, health }) => [id, health?.watching.ok]));
      };
      await until(
        async () => (await watching())["work"] === false,
        () => gateway.log(),
      );
      await work.write(BEN, "are you there?");
      const answers = ["You said: hello"];
      for (const text of ["one", "two", "three"]) {
        answers.push(`You said: ${text}`);
        await world.receive(ANNA, text);
        await world.expectSent(ANNA, answers, 8000);
      }
      expect((await watching())["home"]).toBe(true);

      await work.setFaults();
      await work.expectSent(BEN, ["You said: are you there?"], 45_000);
      expect(world.sentTo(BEN)).toEqual([]);
    },
  );
});

test("an approval belongs to its account: on another one the same person is a stranger", async () => {
  const { world, work } = await twoAccounts({ imessage: { dmPolicy: "pairing", allowFrom: [] } });
  await using _world = world;
  await startAll(world);
  await world.receive(ANNA, "home?");
  await work.write(ANNA, "work?");
  const [home, away] = (await Promise.all([world.mac.nthSent(ANNA, 1), work.nthSent(ANNA, 1)])).map(
    (text) => /imessage ([A-Z2-9]{8})/.exec(text)?.[1] ?? "",
  );
  const list = async (...args: string[]): Promise<string> =>
    (await world.coderclaw("pairing", "list", "imessage", ...args)).stdout;
  expect(await list("--account", "home")).toContain(home);
  expect(await list("--account", "home")).not.toContain(away);
  expect(await list()).toMatch(new RegExp(`${home}[^]*${away}|${away}[^]*${home}`));

  const wrong = await world.coderclaw("pairing", "approve", "imessage", home ?? "", "--account", "work");
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringContaining(`No pending pairing request found for code: ${home}`),
  ]);
  const nowhere = await world.coderclaw("pairing", "list", "imessage", "--account", "nowhere");
  expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining("home, work")]);
  const right = await world.coderclaw("pairing", "approve", "imessage", home ?? "", "--account", "home");
  expect(right.code).toBe(0);
  expect(await world.mac.nthSent(ANNA, 3)).toBe("You said: home?");
  const { guid } = await work.write(ANNA, "still work?");
  expect((await world.decided(guid)).code).toBe("pairing.code-pending");
  expect(work.sentTo(ANNA)).toHaveLength(1);

  await world.coderclaw("pairing", "approve", "imessage", away ?? "");
  expect(await work.nthSent(ANNA, 3)).toBe("You said: work?\nstill work?");
  const revoked = await world.coderclaw("pairing", "revoke", "imessage", ANNA, "--account", "work");
  expect(revoked.code).toBe(0);
  await world.receive(ANNA, "and home?");
  expect(await world.mac.nthSent(ANNA, 4)).toBe("You said: and home?");
  const again = await work.write(ANNA, "and work?");
  expect((await world.decided(again.guid)).code).toBe("pairing.code-sent");
});

test("each account has its own rules, the channel's where it says nothing, and a status of its own", async () => {
  const { world, work } = await twoAccounts({
    imessage: {
      dmPolicy: "allowlist",
      allowFrom: [ANNA],
      responsePrefix: "channel: ",
      groupPolicy: "disabled",
    },
    work: { allowFrom: [BEN], responsePrefix: "work: ", groupPolicy: "open", name: "The office" },
  });
  await using _world = world;
  const groups = {
    home: await world.mac.makeGroup("Trip", [ANNA, BEN]),
    work: await work.makeGroup("Trip", [ANNA, BEN]),
  };
  await startAll(world);
  const outcome = async (mac: Mac, from: string, text: string, chat?: number): Promise<string> => {
    const args = chat === undefined ? [] : ["--chat", String(chat)];
    const { kind, code } = await world.decided((await mac.write(from, text, ...args)).guid);
    return code ?? kind;
  };
  expect({
    annaHome: await outcome(world.mac, ANNA, "one"),
    benHome: await outcome(world.mac, BEN, "two"),
    annaWork: await outcome(work, ANNA, "three"),
    benWork: await outcome(work, BEN, "four"),
    groupHome: await outcome(world.mac, ANNA, "five", groups.home.chatId),
    groupWork: await outcome(work, ANNA, "six", groups.work.chatId),
  }).toEqual({
    annaHome: "turn",
    benHome: "dm.not-allowed",
    annaWork: "dm.not-allowed",
    benWork: "turn",
    groupHome: "group.disabled",
    groupWork: "turn",
  });
  await world.expectSent(ANNA, ["channel: You said: one"]);
  await work.expectSent(BEN, ["work: You said: four"]);
  await work.expectSent(groups.work.chatId, ["work: You said: six"]);

  const status = await world.coderclaw("channels", "status");
  for (const word of ["home", "work (The office)", ANNA, BEN]) expect(status.stdout).toContain(word);
  const one = await world.coderclaw("channels", "status", "--account", "work", "--json");
  expect((JSON.parse(one.stdout) as Status).accounts.map(({ id }) => id)).toEqual(["work"]);
});

test("an account that comes, changes and goes leaves the other's imsg alone", async () => {
  const { world, work } = await twoAccounts();
  await using _world = world;
  const away = { cliPath: work.cli, dbPath: work.dbPath };
  await world.configure({ imessage: { accounts: { home: {} } } });
  const gateway = await world.start();
  const starts = (): number => world.simEvents().filter(({ event }) => event === "start").length;
  await world.receive(ANNA, "one");
  await world.expectSent(ANNA, ["You said: one"]);
  const before = starts();

  await world.reconfigure({ imessage: { accounts: { home: {}, work: away } } });
  await until(
    () => gateway.log().includes("[work] watching"),
    () => gateway.log(),
  );
  await work.write(ANNA, "two");
  await work.expectSent(ANNA, ["You said: two"]);
  await world.reconfigure({ imessage: { accounts: { home: {}, work: { ...away, responsePrefix: "w: " } } } });
  await work.write(ANNA, "three");
  await work.expectSent(ANNA, ["You said: two", "w: You said: three"]);
  await world.reconfigure({ imessage: { accounts: { home: {}, work: { ...away, enabled: false } } } });
  await work.write(ANNA, "four");
  await world.receive(ANNA, "five");
  await world.expectSent(ANNA, ["You said: one", "You said: five"]);
  const status = await world.coderclaw("channels", "status");
  expect(status.stdout).toContain("work: disabled");
  // What was written meanwhile waits in its database.
  await world.reconfigure({ imessage: { accounts: { home: {}, work: away } } });
  await work.expectSent(ANNA, ["You said: two", "w: You said: three", "You said: four"]);
  expect(starts()).toBe(before);
});

test("two accounts that would read one database are an error that names both", async () => {
  await using world = await World.create();
  await world.configure({
    imessage: { accounts: { one: {}, two: { dbPath: world.mac.dbPath.replace("/mac/", "/mac/../mac/") } } },
  });
  const checked = await world.coderclaw("config", "validate");
  expect([checked.code, checked.stderr]).toEqual([3, expect.stringMatching(/one and two[^]*same database/)]);
  const started = await world.coderclaw("gateway");
  expect([started.code, started.stderr]).toEqual([3, expect.stringContaining("same database")]);
});

test("bindings send what comes to an account, from a handle or in a chat to an agent; the first that matches wins", async () => {
  const recorders: Record<string, Recorder> = {};
  const { world, work, configure } = await twoAccounts({
    imessage: { groupPolicy: "open" },
    config: {
      agents: {
        get list() {
          return Object.entries(recorders).map(([id, { runtime }]) => ({ id, runtime }));
        },
      },
      bindings: [
        { agentId: "cook", match: { account: "home", handle: "(415) 555-0002" } },
        { agentId: "guide", match: { chat: "chat_id:1" } },
        { agentId: "clerk", match: { account: "work" } },
      ],
    },
  });
  await using _world = world;
  for (const id of ["main", "cook", "guide", "clerk"]) recorders[id] = new Recorder(world, `by ${id}`);
  await configure();
  const trip = await world.mac.makeGroup("Trip", [ANNA, BEN]);
  expect(trip.chatId).toBe(1);
  await startAll(world);
  const answered = async (mac: Mac, chat: string | number, from: string): Promise<string> => {
    const before = mac.sentTo(chat).length;
    await mac.write(from, "hi", ...(typeof chat === "number" ? ["--chat", String(chat)] : []));
    return mac.nthSent(chat, before + 1);
  };
  expect({
    default: await answered(world.mac, ANNA, ANNA),
    handle: await answered(world.mac, BEN, BEN),
    handleInGroup: await answered(world.mac, 1, BEN),
    chat: await answered(world.mac, 1, ANNA),
    otherAccountsFirstChat: await answered(work, ANNA, ANNA),
    otherAccount: await answered(work, BEN, BEN),
  }).toEqual({
    default: "by main",
    handle: "by cook",
    handleInGroup: "by guide",
    chat: "by guide",
    otherAccountsFirstChat: "by guide",
    otherAccount: "by clerk",
  });
  // A group is one conversation: who speaks there does not change who answers.
  expect(recorders["guide"]?.turns().map(({ sessionKey }) => sessionKey)).toEqual([
    "agent:guide:imessage:group:1",
    "agent:guide:imessage:group:1",
    "agent:guide:main",
  ]);
});

test("groups of two accounts that have the same number have sessions apart", async () => {
  const { world, work } = await twoAccounts({ imessage: { groupPolicy: "open" } });
  await using _world = world;
  const home = await world.mac.makeGroup("Trip", [ANNA, BEN]);
  const away = await work.makeGroup("Trip", [ANNA, BEN]);
  expect(home.chatId).toBe(away.chatId);
  await startAll(world);
  const first = await world.decided((await world.writeIn(home, ANNA, "one")).guid);
  const second = await world.decided((await work.writeIn(away, ANNA, "two")).guid);
  expect(first.sessionKey).toBe("agent:main:imessage:group:1");
  expect(second.sessionKey).toMatch(/^agent:main:imessage:group:1.+work/);
  await world.expectSent(home.chatId, ["You said: one"]);
  await work.expectSent(away.chatId, ["You said: two"]);
});

test("several handles of one person are one memory, where people have memories of their own", async () => {
  const { world, work } = await twoAccounts({
    config: {
      session: {
        dmScope: "per-peer",
        identityLinks: { anna: ["(415) 555-0001", "imessage:Anna@Example.com"] },
      },
    },
  });
  await using _world = world;
  await startAll(world);
  const key = async (mac: Mac, from: string): Promise<string | undefined> =>
    (await world.decided((await mac.write(from, "hi")).guid)).sessionKey;
  expect([
    await key(world.mac, ANNA),
    await key(work, "anna@example.com"),
    await key(world.mac, BEN),
  ]).toEqual(["agent:main:direct:anna", "agent:main:direct:anna", `agent:main:direct:${BEN}`]);
});

test("--account chooses on the command line; without it, where there are several, the error names them", async () => {
  const { world, work } = await twoAccounts({});
  await using _world = world;
  await world.mac.makeGroup("Homely", [ANNA, BEN]);
  await work.makeGroup("Officious", [ANNA, BEN]);
  await startAll(world);
  const send = ["message", "send", "--target", ANNA, "--text", "hi"];
  const without = await world.coderclaw(...send);
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining("home, work")]);
  expect((await world.coderclaw(...send, "--account", "work")).code).toBe(0);
  expect([world.sentTo(ANNA), work.sentTo(ANNA)]).toEqual([[], ["hi"]]);

  const chats = await world.coderclaw("chats", "--account", "work");
  expect([chats.stdout.includes("Officious"), chats.stdout.includes("Homely")]).toEqual([true, false]);
  expect((await world.coderclaw("chats")).stderr).toContain("home, work");
  const outbox = await world.coderclaw("outbox", "list", "--all", "--account", "home");
  expect(outbox.stdout).not.toContain("hi");
  const policy = ["policy", "test", "--from", ANNA, "--text", "hi"];
  expect((await world.coderclaw(...policy)).stderr).toContain("home, work");
  expect((await world.coderclaw(...policy, "--account", "work")).stdout).toContain("work");
});
