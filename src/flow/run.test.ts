import { describe, expect, test } from "vitest";
import { ANNA, BEN, FlowWorld, STOP, type FlowOptions, type Play } from "../../test/flow/flow-world.ts";
import type { OutboundFile } from "../model/media.ts";
import type { PermissionQuestion } from "../model/permission.ts";
import type { AgentRequest, EarlierTurn } from "../model/turn.ts";
import { BEGAN_ANEW, STARTS_OVER, STILL_AT_WORK } from "../rules/compose-reply.ts";

const PARAGRAPHS: FlowOptions = { agent: { streaming: "paragraphs" } };
const BROKE = { kind: "failed", code: "agent/failed", reason: "it broke" } as const;

/** A piece of the answer. */
function text(said: string): { readonly kind: "text"; readonly text: string } {
  return { kind: "text", text: said };
}

async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** Says nothing until it is ended. */
const hang = async (_request: AgentRequest, signal: AbortSignal): Promise<string> => {
  await ended(signal);
  return "";
};

function sentTo(world: FlowWorld, sender: string): string[] {
  return world.sent.filter(({ to }) => to === `chat_id:${sender.slice(-1)}`).map(({ text: said }) => said);
}

/** Says a beginning and lets nothing more be known until it was sent so far. */
function saying(world: FlowWorld, beginning: string, sent: number, then: Play): Play {
  return async function* (request, signal, host) {
    yield text(beginning);
    await world.until(() => world.sent.length >= sent, "the beginning is sent");
    const said = then(request, signal, host);
    if (Symbol.asyncIterator in said) return yield* said;
    const only = await said;
    yield typeof only === "string" ? text(only) : only;
  };
}

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

describe("a turn that takes long", () => {
  test("says so once, also when it is cut short, and nowhere else", async () => {
    await using world = await FlowWorld.create({ agent: { longTurnMs: 10 } });
    world.play = hang;
    await world.receive(ANNA, "hello");
    await world.expectSent(STILL_AT_WORK);
    expect(world.sent[0]?.part.origin).toBe("progress");
    const before = world.typing.length;
    world.play = async () => {
      await world.until(() => world.typing.length > before + 4, "time passes");
      return "yes";
    };
    await world.start();
    await world.expectSent(STILL_AT_WORK, "yes");
  });

  test("does not say so where something of its answer was sent", async () => {
    await using world = await FlowWorld.create({ agent: { streaming: "paragraphs", longTurnMs: 1000 } });
    const slow = saying(world, "One.\n\nT", 1, async () => {
      await world.receive(BEN, "how long?");
      await world.until(
        () => sentTo(world, BEN).length > 0,
        "as much time passes for a turn that began later",
      );
      return "wo.";
    });
    world.play = (request, signal, host) =>
      request.prompt === "hello" ? slow(request, signal, host) : hang(request, signal);
    await world.receive(ANNA, "hello");
    await world.until(() => sentTo(world, ANNA).length === 2, "it is answered");
    expect(sentTo(world, ANNA)).toEqual(["One.", "Two."]);
    expect(sentTo(world, BEN)).toEqual([STILL_AT_WORK]);
  });

  test("does not say so while it waits for the answer to its question there", async () => {
    await using world = await FlowWorld.create({
      agent: { longTurnMs: 1000 },
      account: { owners: [ANNA as never], notified: [ANNA as never] },
    });
    const question: PermissionQuestion = {
      title: "Edit a.ts",
      toolKind: "edit",
      tool: "edit",
      places: [],
      detail: "",
      options: [{ id: "ok", label: "Allow", kind: "allow_once" }],
    };
    world.play = (request, signal, host) => {
      if (request.prompt !== "hello") return hang(request, signal);
      return host.ask(question).then((option) => `chosen: ${option}`);
    };
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.length === 1, "it is asked");
    await world.receive(BEN, "how long?");
    await world.until(() => sentTo(world, BEN).length === 1, "as much time passes");
    await world.receive(ANNA, "1");
    await world.until(() => sentTo(world, ANNA).length === 2, "it is answered");
    expect(sentTo(world, ANNA)[1]).toBe("chosen: ok");
    expect(sentTo(world, BEN)).toEqual([STILL_AT_WORK]);
  });
});

describe("somebody is typing", () => {
  const shown = (world: FlowWorld): boolean[] => world.typing.map(({ isTyping }) => isTyping);

  test.each(["answered", "failed", "stopped"])("again and again, until the turn is %s", async (how) => {
    await using world = await FlowWorld.create();
    world.carry = async () => STOP;
    world.play = async (_request, signal) => {
      await world.until(() => world.typing.length >= 3, "it is shown again");
      if (how === "answered") return "yes";
      if (how === "failed") return { ...BROKE, passing: false };
      await ended(signal);
      return "no";
    };
    await world.receive(ANNA, "hello");
    if (how === "stopped") {
      await world.until(() => world.typing.length >= 3, "it is shown again");
      await world.receive(ANNA, "/stop");
    }
    await world.until(() => world.sent.length === 1 && shown(world).includes(false), "it is over");
    expect(shown(world).slice(0, 3)).toEqual([true, true, true]);
    expect(shown(world).filter((isTyping) => !isTyping)).toHaveLength(1);
    expect(shown(world).at(-1)).toBe(false);
    expect(new Set(world.typing.map(({ to }) => to))).toEqual(
      new Set([JSON.stringify({ kind: "chat_guid", guid: `iMessage;-;${ANNA}` })]),
    );
  });

  test("nobody is told of a turn that is over at once", async () => {
    await using world = await FlowWorld.create({ timing: { typingFirstMs: 60_000 } });
    await world.receive(ANNA, "hello");
    await world.expectSent("You said: hello");
    await world.stop();
    expect(world.typing).toEqual([]);
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
