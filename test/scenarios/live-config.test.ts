// The config is taken over while messages flow; accounts live and die apart.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { until, World } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";

test("a valid change is in force at once and restarts no child; an invalid one leaves the last good config running", async () => {
  await using world = await World.create({ imessage: { dmPolicy: "allowlist", allowFrom: [ANNA] } });
  await world.start();
  const starts = (): number =>
    world.simEvents().filter((event) => event["method"] === "watch.subscribe").length;
  await world.receive(ANNA, "one");
  await world.expectSent(ANNA, ["You said: one"]);
  const before = starts();

  await world.configure({ imessage: { dmPolicy: "allowlist", allowFrom: [ANNA, BEN] } });
  await until(
    () => world.lastLog().includes("config taken over"),
    () => world.lastLog(),
  );
  await world.receive(BEN, "two");
  await world.expectSent(BEN, ["You said: two"]);

  const good = await readFile(world.configFile, "utf8");
  await writeFile(world.configFile, good.replace('"allowFrom"', '"alowFrom"'));
  await until(
    () => world.lastLog().includes("config not taken over"),
    () => world.lastLog(),
  );
  expect(world.lastLog()).toContain("alowFrom");
  const status = await world.coderclaw("channels", "status");
  expect(status.stdout).toContain("alowFrom");
  await world.receive(BEN, "three");
  await world.expectSent(BEN, ["You said: two", "You said: three"]);
  await writeFile(world.configFile, good);
  await until(
    async () => !(await world.coderclaw("channels", "status")).stdout.includes("alowFrom"),
    () => world.lastLog(),
  );
  expect(starts()).toBe(before);
});

test("config changes while messages flow: every message is handled once, under one config", async () => {
  await using world = await World.create({ config: { limits: { turnsPerMinute: 100_000 } } });
  await world.start();
  const texts = Array.from({ length: 30 }, (_, at) => `m${at}`);
  for (const [at, text] of texts.entries()) {
    if (at % 5 === 0)
      await world.configure({
        imessage: { responsePrefix: `[${at}] ` },
        config: { limits: { turnsPerMinute: 100_000 } },
      });
    await world.receive(ANNA, text);
  }
  const said = (): string[] =>
    world.sentTo(ANNA).flatMap((text) =>
      text
        .replace(/^\[\d+\] /, "")
        .replace(/^You said: /, "")
        .split("\n"),
    );
  await until(
    () => said().length >= texts.length,
    () => JSON.stringify(world.sentTo(ANNA)),
  );
  expect(said()).toEqual(texts);
});

test("accounts live apart: one dead imsg does not touch the other", async () => {
  await using world = await World.create({});
  const otherDb = join(world.dir, "other/chat.db");
  const otherCli = join(world.dir, "other-imsg");
  await world.installImsg(otherCli, otherDb);
  await world.simOn(otherDb, "init");
  await world.configure({
    imessage: {
      accounts: { home: {}, broken: { cliPath: join(world.dir, "nowhere"), dbPath: otherDb } },
    },
  });
  const gateway = world.launch([join(import.meta.dirname, "../../src/main.ts"), "gateway"]);
  await until(
    () => ["[home] watching", "control server on"].every((line) => gateway.log().includes(line)),
    () => gateway.log(),
  );
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
  const status = JSON.parse((await world.coderclaw("channels", "status", "--json")).stdout) as {
    accounts: { id: string; health?: { watching: { ok: boolean } } }[];
  };
  expect(
    Object.fromEntries(status.accounts.map((account) => [account.id, account.health?.watching.ok])),
  ).toEqual({
    home: true,
    broken: false,
  });
  // The other account's imsg appears: it comes to life by itself.
  await world.installImsg(join(world.dir, "nowhere"), otherDb);
  await until(
    () => gateway.log().includes("[broken] watching"),
    () => gateway.log(),
    45_000,
  );
  expect(
    new DatabaseSync(world.db, { readOnly: true, timeout: 5000 })
      .prepare("SELECT count(*) AS n FROM message")
      .get(),
  ).toEqual({ n: 2 });
});

test("coderclaw config set keeps comments and takes effect", async () => {
  await using world = await World.create({});
  await writeFile(
    world.configFile,
    `{\n  // who may write\n  channels: { imessage: { cliPath: '${world.cli}', dbPath: '${world.mac.dbPath}', dmPolicy: 'open', allowFrom: ['*'], }, },\n}\n`,
  );
  await world.start();
  const set = await world.coderclaw("config", "set", "channels.imessage.responsePrefix", "bot: ");
  expect([set.code, set.stderr]).toEqual([0, ""]);
  const text = await readFile(world.configFile, "utf8");
  expect(text).toContain("// who may write");
  expect(text).toContain("['*'], ");
  await until(
    () => world.lastLog().includes("config taken over"),
    () => world.lastLog(),
  );
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["bot: You said: hello"]);
});
