// A Messages database that changes under the gateway: nobody gets what was meant for somebody else.
import { join } from "node:path";
import { symlink, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { elsewhere } from "./reach.ts";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550099";

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test.skipIf(
    dialect === "legacy" &&
      elsewhere("a legacy imsg stays with the old file, and the path is not seen from here"),
  )(
    "the database is replaced while the agent thinks: the chat's number is somebody else's now, who gets nothing",
    async () => {
      await using world = await World.create({ dialect });
      const gate = join(world.dir, "gate");
      const think = `read text; case "$text" in *secret*) while [ ! -f '${gate}' ]; do sleep 0.02; done;; esac; echo "re: $text"`;
      await world.configure({
        config: { agents: { defaults: { runtime: { type: "command", command: ["sh", "-c", think] } } } },
      });
      await world.start();
      await world.receive(ANNA, "hello");
      await world.expectSent(ANNA, ["re: hello"]);
      const other = join(world.dir, "other/chat.db");
      await world.simOn(other, "init");
      await world.simOn(other, "receive", "--from", BEN, "--text", "old", "--at", "-5h");

      await world.receive(ANNA, "a secret");
      await until(
        () => world.lastLog().split("turn for agent").length > 2,
        () => world.lastLog(),
      );
      await world.sim("replace", "--with", other);
      await writeFile(gate, "");
      await until(
        () => /message 2: (parked|unknown|queued)/.test(world.lastLog()),
        () => world.lastLog(),
      );
      await world.receive(BEN, "hi");
      await until(
        () => world.sentTo(BEN).length > 0,
        () => world.lastLog(),
      );
      expect(world.sentTo(BEN)).toEqual(["re: hi"]);
    },
  );
});

test.skipIf(elsewhere("the links of another machine are not followed when a config is checked"))(
  "two accounts whose paths lead to one database are refused",
  async () => {
    await using world = await World.create({});
    const link = join(world.dir, "linked.db");
    await symlink(world.db, link);
    await world.configure({ imessage: { accounts: { one: { dbPath: world.db }, two: { dbPath: link } } } });
    const refused = await world.coderclaw("config", "validate");
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([
      3,
      expect.stringContaining("same database"),
    ]);
  },
);

test("a second gateway on the same database is refused", async () => {
  await using world = await World.create({});
  await world.start();
  const second = await world.coderclawIn(
    join(world.dir, "second-state"),
    "gateway",
    "--config",
    world.configFile,
  );
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("Another gateway")]);
  expect(second.stderr).toContain(world.mac.dbPath);
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
});

test("an approval that would not count is refused: nobody is told they are let in who is not", async () => {
  await using world = await World.create({ imessage: { dmPolicy: "pairing", allowFrom: [] } });
  await world.start();
  await world.receive(ANNA, "hello");
  const [reply] = await until(() => world.sentTo(ANNA).length > 0 && world.sentTo(ANNA));
  const code = /imessage ([A-Z2-9]{8})/.exec(reply ?? "")?.[1] ?? "";
  await world.configure({ imessage: { dmPolicy: "disabled" } });
  await until(
    () => world.lastLog().includes("config taken over"),
    () => world.lastLog(),
  );
  const approved = await world.coderclaw("pairing", "approve", "imessage", code);
  expect([approved.code, approved.stderr]).toEqual([1, expect.stringContaining('dmPolicy "disabled"')]);
  await world.configure({ imessage: { dmPolicy: "pairing", allowFrom: [] } });
  expect((await world.coderclaw("pairing", "approve", "imessage", code)).code).toBe(0);
  await until(
    () => world.sentTo(ANNA).includes("You said: hello"),
    () => world.lastLog(),
  );
});
