// What was missed is answered, once, oldest first, one turn a conversation (field failures 4, 5, 7, 8, 9).
import { describe, expect, test } from "vitest";
import { DIALECTS, GATEWAY, until, World } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "ben@example.com";

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("a first start answers no history", async () => {
    await using world = await World.create({ dialect });
    await world.receive(ANNA, "long ago", "--at", "-90m");
    await world.start();
    await world.receive(ANNA, "now");
    await world.expectSent(ANNA, ["You said: now"]);
  });

  test("what is written between a first start and the first answer of imsg is answered", async () => {
    await using world = await World.create({ dialect });
    await world.receive(ANNA, "long ago", "--at", "-90m");
    await world.setFaults({ fault: "exit-at-start" });
    world.launch([GATEWAY, "gateway"]);
    await until(
      () => world.lastLog().includes("gateway runs:"),
      () => world.lastLog(),
    );
    await world.receive(ANNA, "hello?");
    await world.setFaults();
    await world.expectSent(ANNA, ["You said: hello?"]);
  });

  test("4, 5, 8: what was written while the gateway was down is one turn a conversation, oldest first", async () => {
    await using world = await World.create({ dialect });
    const gateway = await world.start();
    await world.receive(ANNA, "zero");
    await world.expectSent(ANNA, ["You said: zero"]);
    await gateway.kill("SIGTERM");
    for (const text of ["one", "two", "three"]) await world.receive(ANNA, text);
    await world.receive(BEN, "hello");
    await world.start();
    await world.expectSent(ANNA, ["You said: zero", "You said: one\ntwo\nthree"]);
    await world.expectSent(BEN, ["You said: hello"]);
  });

  test("7: rows older than catchup.maxAgeMinutes are context, and counted", async () => {
    await using world = await World.create({ dialect, imessage: { catchup: { maxAgeMinutes: 30 } } });
    const gateway = await world.start();
    await gateway.kill("SIGTERM");
    const old = await world.receive(ANNA, "old", "--at", "-45m");
    await world.receive(ANNA, "new", "--at", "-5m");
    await world.start();
    await world.expectSent(ANNA, ["You said: new"]);
    const explained = await world.coderclaw("explain", old);
    expect(explained.stdout).toContain("catchup.too-old");
  });

  test("7: by a clock that is three days off live texts are answered all the same, and old ones that come late are not", async () => {
    await using world = await World.create({ dialect });
    await world.receive(ANNA, "before", "--at", "-73h");
    const gateway = await world.start();
    await world.receive(ANNA, "one", "--at", "-72h");
    await world.expectSent(ANNA, ["You said: one"]);
    await world.receive(ANNA, "two", "--at", "-72h");
    await world.expectSent(ANNA, ["You said: one", "You said: two"]);
    await gateway.kill("SIGTERM");

    await world.start();
    await world.receive(BEN, "now");
    await world.expectSent(BEN, ["You said: now"]);
    const old = await world.receive(BEN, "brought in by another device", "--at", "-72h");
    expect((await world.decided(old)).code).toBe("catchup.too-old");
  });

  test("7: a database rebuilt with the same messages answers none of them again, and what is new in it once", async () => {
    await using world = await World.create({ dialect });
    const gateway = await world.start();
    const guid = await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
    await gateway.kill("SIGTERM");
    await world.sim("replace");
    await world.receive(ANNA, "hello", "--guid", guid);
    await world.receive(ANNA, "after the rebuild");
    await world.start();
    await world.expectSent(ANNA, ["You said: after the rebuild"]);
    await world.receive(ANNA, "live again");
    await world.expectSent(ANNA, ["You said: after the rebuild", "You said: live again"]);
  });

  test("9: a watch that went quiet is noticed by asking; its messages are answered although the limit is 0", async () => {
    await using world = await World.create({ dialect, imessage: { catchup: { maxAgeMinutes: 0 } } });
    await world.start();
    await world.receive(ANNA, "one");
    await world.expectSent(ANNA, ["You said: one"]);
    await world.setFaults({ fault: "silent-watch" });
    await world.receive(ANNA, "two");
    await until(
      () => world.simEvents().filter((event) => event["method"] === "watch.subscribe").length > 1,
      () => world.lastLog(),
    );
    await world.setFaults();
    await world.expectSent(ANNA, ["You said: one", "You said: two"], 45_000);
  });

  test("a row seen before its chat is answered once its chat is there", async () => {
    await using world = await World.create({ dialect, imessage: {} });
    await world.start();
    await world.receive(ANNA, "one");
    await world.expectSent(ANNA, ["You said: one"]);
    await world.receive(ANNA, "two", "--unjoined", "700");
    await world.expectSent(ANNA, ["You said: one", "You said: two"]);
  });
});
