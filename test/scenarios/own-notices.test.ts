// What is sent to a handle of our own before its chat is known is no message to answer; and a closed log stops nobody.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";
const SELF = "+14155550009";

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("a first message to our own handle is not answered, the next note is", async () => {
    await using world = await World.create({
      dialect,
      self: [SELF],
      imessage: { dmPolicy: "allowlist", allowFrom: [SELF], selfHandles: [SELF] },
    });
    await world.start();
    const sent = await world.coderclaw("message", "send", "--target", SELF, "--text", "a reminder");
    expect(sent.code).toBe(0);
    await until(
      () => world.lastLog().includes("own.echo"),
      () => world.lastLog(),
    );
    await world.receive(SELF, "a note");
    await world.expectSent(SELF, ["a reminder", "a note", "You said: a note"]);
  });
});

test("a gateway whose log nobody reads any more answers on", async () => {
  await using world = await World.create();
  const gateway = world.launch([fileURLToPath(new URL("../../src/main.ts", import.meta.url)), "gateway"]);
  await until(
    () => gateway.log().includes("] watching,"),
    () => gateway.log(),
  );
  gateway.child.stderr?.destroy();
  await world.receive(ANNA, "one");
  await world.expectSent(ANNA, ["You said: one"]);
  await world.receive(ANNA, "two");
  await world.expectSent(ANNA, ["You said: one", "You said: two"]);
});
