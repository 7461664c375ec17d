import { describe, expect, test } from "vitest";
import { ANNA, FlowWorld, STOP, type FlowOptions } from "../../test/flow/flow-world.ts";
import { ended, hang, saying, sentTo, text } from "../../test/flow/plays.ts";
import type { OutboundFile } from "../model/media.ts";
import type { EarlierTurn } from "../model/turn.ts";
import { BEGAN_ANEW, OUT_OF_TIME, STARTS_OVER } from "../rules/compose-reply.ts";

const PARAGRAPHS: FlowOptions = { agent: { streaming: "paragraphs" } };
const BROKE = { kind: "failed", code: "agent/failed", reason: "it broke" } as const;

describe("while the agent still writes", () => {
  test("whole paragraphs arrive, and nothing of what leads up to the use of a tool", async () => {
    await using world = await FlowWorld.create({ ...PARAGRAPHS, account: { responsePrefix: "[claw] " } });
    world.play = async function* () {
      yield text("Let me look");
      yield text(" into it.\n\n");
      yield { kind: "aside" };
      yield text("One.\n\nTwo");
      await world.until(() => world.sent.length === 1, "the first paragraph is sent");
      yield text(".\n");
    };
    await world.receive(ANNA, "hello");
    await world.expectSent("[claw] One.", "Two.\n");
  });

  test("an agent that is not told to waits with its answer", async () => {
    await using world = await FlowWorld.create();
    world.play = async function* () {
      yield text("Narration.");
      yield { kind: "aside" };
      yield text("One.\n\nTwo.");
    };
    await world.receive(ANNA, "hello");
    await world.expectSent("One.\n\nTwo.");
  });

  test("Markdown and files are made ready block by block, and no more than 10 files go out in all", async () => {
    await using world = await FlowWorld.create({ ...PARAGRAPHS, output: "markdown" });
    world.takeOut = async (source) => {
      if (source === "bad") throw new Error("bad is bad");
      return {
        path: `/media/${source}`,
        name: source,
        mimeType: "image/png",
        bytes: 1,
      } satisfies OutboundFile;
    };
    const images = Array.from({ length: 9 }, (_, at) => `![](${at}.png)`).join("\n");
    const first = `**One**\n\n${images}\n\n![](bad)\n\n`;
    world.play = saying(world, `${first}x`, 11, async () => "\n\n![](9.png)\n![](10.png)");
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.at(-1)?.text.includes("10.png") === true, "the end is sent");
    expect(world.sent.map(({ text: said, part }) => part.file?.name ?? said)).toEqual([
      "One",
      ...Array.from({ length: 9 }, (_, at) => `${at}.png`),
      "bad",
      "x",
      "9.png",
      "10.png",
    ]);
    expect(world.sent[0]?.part.formatting).toHaveLength(1);
    expect(world.lines.join("")).toMatch(/not sent: bad is bad 10\.png is one too many/u);
  });

  test("a failure after that is still told, and a passing one goes on behind what was sent", async () => {
    await using world = await FlowWorld.create(PARAGRAPHS);
    world.play = saying(world, "One.\n\nT", 1, async () => ({ ...BROKE, passing: false }));
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.length === 2, "both are sent");
    expect(world.sent.map(({ text: said }) => said.slice(0, 5))).toEqual(["One.", "Sorry"]);
    let runs = 0;
    world.play = (request, signal, host) => {
      runs += 1;
      const fails = saying(world, "One.\n\nT", 3, async () => ({ ...BROKE, passing: true }));
      return runs === 1 ? fails(request, signal, host) : Promise.resolve("One.\n\nTwo.");
    };
    await world.receive(ANNA, "again");
    await world.until(() => world.sent.length === 4, "the rest is sent");
    expect(sentTo(world, ANNA).slice(2)).toEqual(["One.", "Two."]);
  });

  test.each([["off"], ["paragraphs"]] as const)(
    "an agent whose time is up is answered with what it said, and a line that says so (streaming: %s)",
    async (streaming) => {
      await using world = await FlowWorld.create({ agent: { streaming } });
      const late = {
        kind: "failed",
        code: "agent/timeout",
        reason: "no answer within 1 s",
        passing: false,
      } as const;
      world.play = async function* () {
        yield text("One.\n\nTwo");
        yield late;
      };
      await world.receive(ANNA, "hello");
      const said = streaming === "off" ? ["One.\n\nTwo"] : ["One.", "Two"];
      await world.expectSent(...said, OUT_OF_TIME);
      world.play = async () => late;
      await world.receive(ANNA, "again");
      await world.until(() => world.sent.at(-1)?.text.startsWith("Sorry") === true, "it is told");
    },
  );

  test("after a stop nothing more comes", async () => {
    await using world = await FlowWorld.create(PARAGRAPHS);
    world.carry = async () => STOP;
    world.play = saying(world, "One.\n\nT", 1, async (_request, signal) => {
      await ended(signal);
      return "wo.\n\nThree.\n\nFour.";
    });
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.length === 1, "the beginning is sent");
    await world.receive(ANNA, "/stop");
    await world.until(() => world.sent.length === 2, "it is stopped");
    world.play = async () => "next";
    await world.receive(ANNA, "and now?");
    await world.expectSent("One.", "stopped 1, dropped 0", "next");
  });
});

describe("after a crash", () => {
  test("each paragraph is sent once", async () => {
    await using world = await FlowWorld.create(PARAGRAPHS);
    world.play = saying(world, "One.\n\nTwo.\n\nT", 2, hang);
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.length === 2, "the beginning is sent");
    world.play = saying(world, "One.\n\nTwo.\n\nThree.\n\nF", 3, async () => "our.");
    await world.start();
    await world.expectSent("One.", "Two.", "Three.", "Four.");
  });

  test("an agent that says something else starts over, and says so", async () => {
    await using world = await FlowWorld.create(PARAGRAPHS);
    world.play = saying(world, "One.\n\nT", 1, hang);
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.length === 1, "the beginning is sent");
    world.play = async () => "Uno.\n\nDue.";
    await world.start();
    await world.expectSent("One.", STARTS_OVER, "Uno.\n\nDue.");
  });
});

describe("an agent with a memory of its own", () => {
  test("that is gone: one line before the answer", async () => {
    await using world = await FlowWorld.create(PARAGRAPHS);
    world.play = async function* () {
      yield { kind: "began-anew" };
      yield text("One.\n\nTwo.");
    };
    await world.receive(ANNA, "hello");
    await world.expectSent(BEGAN_ANEW, "One.", "Two.");
  });

  test("is not told what it knows; it may ask for as much as the configuration lets be shown", async () => {
    const asked: (readonly EarlierTurn[])[] = [];
    await using world = await FlowWorld.create({ remembers: true, account: { dmHistoryLimit: 2 } });
    world.play = async ({ prompt }, _signal, host) => {
      asked.push(await host.transcript());
      return `heard ${prompt}`;
    };
    for (const said of ["one", "two", "three", "four"]) {
      await world.receive(ANNA, said);
      await world.until(() => world.sent.at(-1)?.text === `heard ${said}`, "it is answered");
    }
    expect(world.prompts).toEqual(["one", "two", "three", "four"]);
    expect(asked.map((turns) => turns.map(({ answered }) => answered))).toEqual([
      [],
      ["heard one"],
      ["heard one", "heard two"],
      ["heard two", "heard three"],
    ]);
    expect(asked[1]?.[0]?.said).toEqual([{ sender: ANNA, text: "one" }]);
  });
});
