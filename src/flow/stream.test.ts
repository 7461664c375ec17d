import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BEGAN_ANEW, STARTS_OVER } from "../rules/compose-reply.ts";
import { AnswerStream, type SayBlock, type SayRest } from "./stream.ts";

/** What an agent says: a text, or that it uses a tool. */
type Event = string | { readonly aside: true };
const ASIDE: Event = { aside: true };

/** Plays events of one run; the answer has what was sent. */
async function play(
  events: readonly Event[],
  before: {
    readonly streamed?: string;
    readonly messagesEach?: number;
    readonly most?: number;
    readonly stream?: AnswerStream;
  } = {},
): Promise<{ readonly sent: SayBlock[]; readonly end: SayRest; readonly stream: AnswerStream }> {
  const sent: SayBlock[] = [];
  const stream = before.stream ?? new AnswerStream({ streamed: before.streamed ?? "" }, before.most ?? 20);
  const messages = before.messagesEach ?? 1;
  stream.begin(async (block) => {
    if (messages > block.most) return undefined;
    sent.push(block);
    return { messages };
  });
  for (const event of events) {
    if (typeof event === "string") await stream.add(event);
    else stream.aside();
  }
  return { sent, end: stream.end(), stream };
}

const texts = (sent: readonly SayBlock[]): string[] => sent.map(({ text }) => text);

test("what leads up to a tool is not sent, however it was cut, and the answer is what is said after the last", async () => {
  const { sent, end } = await play([
    "Let me ",
    "look.\n\n",
    ASIDE,
    "  \n",
    ASIDE,
    "Now that.",
    ASIDE,
    "One\n\nTwo",
  ]);
  expect(texts(sent)).toEqual(["One"]);
  expect(end).toMatchObject({ whole: "One\n\nTwo", text: "Two", isFirst: false, lead: "" });
});

test("where nothing is said after the last tool, what led up to it is the answer", async () => {
  const { sent, end } = await play(["One\n\nTwo\n\n", ASIDE, "\n", ASIDE]);
  expect(texts(sent)).toEqual(["One"]);
  expect(end).toMatchObject({ whole: "One\n\nTwo\n\n", text: "Two\n\n" });
});

test("the line that it began anew comes once, before the first that is sent", async () => {
  const stream = new AnswerStream({ streamed: "" }, 20);
  stream.beganAnew();
  const first = await play(["One\n\nTwo\n\nThree"], { stream });
  expect(first.sent.map(({ lead, isFirst }) => [lead, isFirst])).toEqual([
    [BEGAN_ANEW, true],
    ["", false],
  ]);
  expect(first.end.lead).toBe("");
  const other = new AnswerStream({ streamed: "" }, 20);
  other.beganAnew();
  expect((await play(["One"], { stream: other })).end).toMatchObject({ lead: BEGAN_ANEW, text: "One" });
});

test("at most 15 messages go out before the end, and room for them is left in the 20", async () => {
  const paragraphs = Array.from({ length: 30 }, (_, at) => `P${at}`);
  const { sent, end } = await play([paragraphs.join("\n\n")]);
  expect(texts(sent)).toEqual(paragraphs.slice(0, 15));
  expect(end).toMatchObject({ text: paragraphs.slice(15).join("\n\n"), most: 5 });
  const long = await play([paragraphs.join("\n\n")], { messagesEach: 4 });
  expect(texts(long.sent)).toEqual(["P0", "P1", "P2"]);
  expect(long.end.most).toBe(8);
});

describe("another run after a crash", () => {
  test.each<
    [
      what: string,
      played: { streamed: string; events: readonly Event[]; sent: readonly string[]; rest: string },
    ]
  >([
    ["goes on", { streamed: "One\n\n", events: ["One\n\nTwo\n\nThree"], sent: ["Two"], rest: "Three" }],
    ["has nothing new", { streamed: "One\n\nTwo\n\n", events: ["One\n\nTwo\n"], sent: [], rest: "" }],
    ["ends with what was sent", { streamed: "One\n\nTwo\n\n", events: ["One\n\nTwo"], sent: [], rest: "" }],
    [
      "tells again what led up to a tool",
      { streamed: "One\n\nTwo\n\n", events: ["One\n\nx", ASIDE, "Two\n\nThree"], sent: [], rest: "Three" },
    ],
    ["says nothing", { streamed: "One\n\n", events: [" "], sent: [], rest: "" }],
  ])("%s", async (_what, { streamed, events, sent, rest }) => {
    const played = await play(events, { streamed });
    expect(texts(played.sent)).toEqual(sent);
    expect(played.end.text.trim()).toBe(rest);
    expect(played.end).toMatchObject({ isFirst: false, lead: "" });
  });

  test.each<[what: string, streamed: string, events: readonly Event[]]>([
    ["another block", "One\n\n", ["Other\n\nTwo"]],
    ["another block later on", "One\n\nTwo\n\n", ["One\n\nOther\n\nThree"]],
    ["another beginning of the last", "One\n\n", ["Onerous"]],
    ["a tool in between", "One\n\nTwo\n\n", ["One", ASIDE, "Two\n\nThree"]],
    ["less", "One\n\nTwo\n\n", ["One"]],
  ])("starts over: %s", async (_what, streamed, events) => {
    const { sent, end } = await play(events, { streamed });
    expect(sent).toEqual([]);
    expect(end).toMatchObject({ text: end.whole, lead: STARTS_OVER, isFirst: true, most: 20 });
  });

  test("so does one in the same process", async () => {
    const first = await play(["One\n\nTwo\n\nThr"]);
    const second = await play(["One\n\nTwo\n\nThree\n\nFour"], { stream: first.stream });
    expect(texts(second.sent)).toEqual(["Three"]);
    expect(second.end).toMatchObject({ text: "Four", whole: "One\n\nTwo\n\nThree\n\nFour" });
  });

  test("an agent whose answers are no longer sent while it writes goes on behind what was sent, too", async () => {
    const stream = new AnswerStream({ streamed: "One\n\n" }, 20);
    stream.begin(undefined);
    await stream.add("One\n\nTwo\n\nThree");
    expect(stream.end()).toMatchObject({ text: "Two\n\nThree", isFirst: false });
  });
});

const piece = fc.constantFrom<Event>(
  "One.",
  " two",
  "\n",
  "\n\n",
  "```\n",
  "- a",
  "# b\n",
  "1",
  "  c",
  ASIDE,
);

/** The text that people see, without the blank lines that may be the edges of messages. */
function seen(...parts: readonly string[]): string {
  return parts
    .join("\n\n")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .join("\n");
}

const answers = fc.array(piece, { maxLength: 30 });

/** The segment that is the answer: the last that is not blank. */
function answerOf(events: readonly Event[]): { readonly text: string; readonly from: number } {
  const segments = [{ text: "", from: 0 }];
  events.forEach((event, at) => {
    if (typeof event !== "string") segments.push({ text: "", from: at });
    else
      segments[segments.length - 1] = { text: `${last(segments).text}${event}`, from: last(segments).from };
  });
  return segments.findLast(({ text }) => text.trim() !== "") ?? last(segments);
}

function last<T>(list: readonly T[]): T {
  return list[list.length - 1] as T;
}

test("whatever the pieces: what is sent of the answer, and the rest, are the answer that would come at once", async () => {
  await fc.assert(
    fc.asyncProperty(answers, fc.integer({ min: 1, max: 16 }), async (events, messagesEach) => {
      const answer = answerOf(events);
      const earlier = await play(events.slice(0, answer.from), { messagesEach });
      const { sent, end } = await play(events, { messagesEach });
      expect(end.whole.trim()).toBe(answer.text.trim());
      const own = texts(sent).slice(earlier.sent.length);
      expect(seen(...own, end.text)).toBe(seen(answer.text));
    }),
  );
});

test("whenever it was cut short: a run that says the same sends each block once, all in all", async () => {
  await fc.assert(
    fc.asyncProperty(answers, fc.nat(30), async (events, cut) => {
      const whole = await play(events);
      const first = await play(events.slice(0, cut));
      const streamed = first.sent.at(-1)?.streamed ?? "";
      const second = await play(events, { streamed });
      expect([...texts(first.sent), ...texts(second.sent)]).toEqual(texts(whole.sent));
      expect(second.end).toEqual(whole.end);
    }),
  );
});

test.each([
  [2, 0, 2],
  [3, 1, 2],
  [4, 2, 2],
  [8, 6, 2],
  [40, 30, 10],
])("of %i messages at most %i go out before the end, and it has room for %i", async (most, early, left) => {
  const paragraphs = Array.from({ length: 60 }, (_, at) => `Paragraph ${at}`).join("\n\n");
  const { sent, end } = await play([paragraphs], { most });
  expect([sent.length, end.most]).toEqual([early, left]);
});
