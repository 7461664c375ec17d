// Bots do not talk to themselves, and people are not taken for bots (field failures 1 to 3).
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";
const SELF = "+14155550009";

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("1: what this Apple ID writes is never answered", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
    await world.receive(ANNA, "typed on my own phone", "--from-me");
    await world.receive(ANNA, "bye");
    await until(
      () => world.sentTo(ANNA).includes("You said: bye"),
      () => world.lastLog(),
    );
    expect(world.sentTo(ANNA)).toEqual(["You said: hello", "typed on my own phone", "You said: bye"]);
  });

  test("2: in a note-to-self chat each text is answered once, and no answer is answered", async () => {
    await using world = await World.create({
      dialect,
      self: [SELF],
      imessage: { dmPolicy: "allowlist", allowFrom: [SELF], selfHandles: [SELF] },
    });
    await world.start();
    await world.receive(SELF, "note one");
    await until(
      () => world.sentTo(SELF).includes("You said: note one"),
      () => world.lastLog(),
    );
    await world.receive(SELF, "note two");
    await until(
      () => world.sentTo(SELF).includes("You said: note two"),
      () => world.lastLog(),
    );
    // A person's repeat of our words, later, is a message.
    await world.receive(SELF, "You said: note two");
    await until(
      () => world.sentTo(SELF).includes("You said: You said: note two"),
      () => world.lastLog(),
    );
    const answers = world.sentTo(SELF).filter((text) => text.startsWith("You said: "));
    expect(answers).toEqual([
      "You said: note one",
      "You said: note two",
      "You said: note two",
      "You said: You said: note two",
    ]);
  });

  test("3: a person may repeat the bot; only three repeats in a row are a mirror, until something else is said", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    const say = async (text: string, answers: readonly string[]): Promise<void> => {
      await world.receive(ANNA, text);
      await world.expectSent(ANNA, answers);
    };
    const one = "You said: x";
    const two = `You said: ${one}`;
    const three = `You said: ${two}`;
    await say("x", [one]);
    await say(one, [one, two]);
    await say(two, [one, two, three]);
    const guid = await world.receive(ANNA, three);
    const story = await until(
      async () => {
        const explained = await world.coderclaw("explain", guid, "--json");
        return explained.stdout.includes("echo.mirror") && explained;
      },
      () => world.lastLog(),
    );
    expect(story.code).toBe(0);
    await say("something else", [one, two, three, "You said: something else"]);
  });
});
