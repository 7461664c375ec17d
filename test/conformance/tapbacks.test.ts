// Neighbours of the recorded tapbacks: other orders, kinds, prefixes and texts.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CHAT, DATE, Neighbour } from "./neighbour.ts";
import type { Columns } from "./neighbour.ts";

let neighbour: Neighbour;
let target: string;
beforeEach(() => {
  neighbour = new Neighbour();
  target = neighbour.add({ text: "target" });
});
afterEach(() => neighbour.destroy());

/** A tapback, so many seconds after the message. */
function tap(type: number, seconds: number, more: Columns = {}): void {
  neighbour.add({
    text: `t${type}`,
    associated_message_type: type,
    associated_message_guid: `p:0/${target}`,
    date: DATE + BigInt(seconds) * 1_000_000_000n,
    ...more,
  });
}

function standing(): string[] {
  const message = neighbour.history().find(({ guid }) => guid === target);
  const reactions = message?.reactions as { type: string; emoji: string; sender: string; id: number }[];
  return reactions.map(({ type, emoji, sender }) => `${type === "custom" ? emoji : type} ${sender}`);
}

const ANNA = "+14155551212";

describe("the order", () => {
  test.each<[string, readonly [type: number, seconds: number][], string[]]>([
    [
      "taken off before it was put on",
      [
        [3000, 1],
        [2000, 2],
      ],
      ["love"],
    ],
    [
      "taken off later, written earlier",
      [
        [3000, 3],
        [2000, 2],
      ],
      [],
    ],
    [
      "put on twice",
      [
        [2000, 1],
        [2000, 2],
      ],
      ["love"],
    ],
    [
      "taken off twice",
      [
        [2000, 1],
        [3000, 2],
        [3000, 3],
      ],
      [],
    ],
    [
      "put on again",
      [
        [2000, 1],
        [3000, 2],
        [2000, 3],
      ],
      ["love"],
    ],
    [
      "put on again behind another",
      [
        [2000, 1],
        [2001, 2],
        [3000, 3],
        [2000, 4],
      ],
      ["like", "love"],
    ],
    [
      "several kinds of one person",
      [
        [2000, 1],
        [2001, 2],
        [2002, 3],
      ],
      ["love", "like", "dislike"],
    ],
    [
      "another kind taken off",
      [
        [2000, 1],
        [3001, 2],
      ],
      ["love"],
    ],
    [
      "at one time, by row",
      [
        [2000, 1],
        [3000, 1],
      ],
      [],
    ],
    [
      "at one time, by row, the other way round",
      [
        [3000, 1],
        [2000, 1],
      ],
      ["love"],
    ],
  ])("%s", (_title, taps, wanted) => {
    for (const [type, seconds] of taps) tap(type, seconds);
    expect(standing()).toEqual(wanted.map((kind) => `${kind} ${ANNA}`));
  });

  test("one that is put on again keeps its place, with its new row", () => {
    for (const [type, seconds] of [
      [2000, 1],
      [2001, 2],
      [2000, 3],
    ] as const)
      tap(type, seconds);
    const [message] = neighbour.history().filter(({ guid }) => guid === target);
    expect(message?.reactions).toMatchObject([
      { id: 51, type: "love", created_at: "2026-09-02T00:00:03.000Z" },
      { id: 50, type: "like" },
    ]);
  });

  test("each person and each side has their own", () => {
    tap(2000, 1);
    tap(2000, 2, { handle_id: 2 });
    tap(2000, 3, { handle_id: 0, is_from_me: 1 });
    tap(3000, 4, { is_from_me: 1 });
    expect(standing()).toHaveLength(3);
    tap(3000, 5);
    expect(standing()).toHaveLength(2);
  });
});

describe("the message that is named", () => {
  test.each<[string, (guid: string) => string | null, boolean]>([
    ["its part 0", (guid) => `p:0/${guid}`, true],
    ["another part", (guid) => `p:12/${guid}`, true],
    ["no number of a part", (guid) => `p:/${guid}`, true],
    ["its bubble", (guid) => `bp:0/${guid}`, true],
    ["a slash alone", (guid) => `/${guid}`, true],
    ["several slashes", (guid) => `a/b/${guid}`, true],
    ["its guid alone", (guid) => guid, true],
    ["the bubble without a slash", (guid) => `bp:${guid}`, false],
    ["another case behind a prefix", (guid) => `p:0/${guid.toLowerCase()}`, true],
    ["another case without one", (guid) => guid.toLowerCase(), false],
    ["a slash behind it", (guid) => `p:0/${guid}/`, false],
    ["text behind it", (guid) => `p:0/${guid}x`, false],
    ["nothing", () => "", false],
    ["NULL", () => null, false],
  ])("by %s", (_title, name, isMeant) => {
    tap(2000, 1, { associated_message_guid: name(target) });
    expect(standing()).toEqual(isMeant ? [`love ${ANNA}`] : []);
  });

  test("by a guid with the wildcards of SQLite", () => {
    target = neighbour.add({ text: "wild", guid: "W_%" });
    tap(2000, 1, { associated_message_guid: "p:0/WxAnything" });
    expect(standing()).toEqual([`love ${ANNA}`]);
  });

  test.each<[string, (guid: string) => string, string]>([
    ["a prefix", (guid) => `p:0/${guid}`, "N48"],
    ["none", (guid) => guid, "N48"],
    ["nothing behind the slash", () => "p:0/", "p:0/"],
    ["nothing at all", () => "", ""],
  ])("is told by a watch: %s", (_title, name, reacted) => {
    tap(2000, 1, { associated_message_guid: name(target) });
    expect(neighbour.told(true)[1]).toMatchObject({ is_reaction: true, reacted_to_guid: reacted });
  });

  test("is found in another chat too", () => {
    tap(2000, 1);
    neighbour.change("UPDATE chat_message_join SET chat_id = 2 WHERE message_id = 49");
    expect(standing()).toEqual([`love ${ANNA}`]);
    expect(neighbour.history().every(({ chat_id }) => chat_id === CHAT)).toBe(true);
  });
});

describe("the type", () => {
  test.each([
    [1000, "message", "message"],
    [1999, "message", "message"],
    [2000, "add love", undefined],
    [2005, "add question", undefined],
    [2006, "add", undefined],
    [2007, undefined, undefined],
    [2999, undefined, undefined],
    [3000, "remove love", undefined],
    [3006, "remove", undefined],
    [3007, "message", "message"],
    [4000, "message", "message"],
    [-1, "message", "message"],
  ])("%i", (type, withReactions, without) => {
    tap(type, 1, { text: "no emoji" });
    const kindOf = (payload: ReturnType<Neighbour["told"]>[number] | undefined): string | undefined => {
      if (payload === undefined) return undefined;
      if (payload.is_reaction !== true) return "message";
      const action = payload.is_reaction_add === true ? "add" : "remove";
      return [action, ...(payload.reaction_type === undefined ? [] : [payload.reaction_type])].join(" ");
    };
    expect(kindOf(neighbour.told(false)[1])).toBe(without);
    expect(kindOf(neighbour.told(true)[1])).toBe(withReactions ?? "message");
    expect(neighbour.history().some(({ id }) => id === 49)).toBe(without === "message");
  });

  test("a type that is no number is none", () => {
    tap(2000, 1, { associated_message_type: "love" });
    expect(neighbour.told(false)).toHaveLength(2); // SQLite takes a text for more than any number
    expect(standing()).toEqual([]);
  });
});

describe("an emoji of one's own", () => {
  test.each([
    ["Reacted 🎉 to “target”", "🎉"],
    ["Reacted 👩‍🚒 to “target”", "👩‍🚒"],
    ["Reacted with 🎉 to “target”", "with 🎉"],
    ["She Reacted 🎉 to “target”", "🎉"],
    ["Reacted  to 🎉", "🎉"],
    ["Hat mit 🎉 auf „target“ reagiert", "🎉"],
    ["reacted 🎉 to “target”", "🎉"],
    ["🏳️‍🌈🎉", "🏳️‍🌈"],
    ["room 7", "7"],
    ["#1", "#"],
    ["©", "©"],
    ["words", undefined],
    ["", undefined],
  ])("in %j", (text, emoji) => {
    tap(2006, 1, { text });
    expect(standing()).toEqual(emoji === undefined ? [] : [`${emoji} ${ANNA}`]);
    const event = neighbour.told(true)[1];
    expect(event?.is_reaction).toBe(true);
    expect(event?.reaction_emoji).toBe(emoji);
  });

  test.each([
    ["the same", "Removed a 🎉 from “target”", ["👍"]],
    ["another", "Removed a 👎 from “target”", ["🎉", "👍"]],
    ["one that cannot be read: the first", "Removed", ["👍"]],
  ])("is taken off: %s", (_title, text, wanted) => {
    tap(2006, 1, { text: "Reacted 🎉 to “target”" });
    tap(2006, 2, { text: "Reacted 👍 to “target”" });
    tap(3006, 3, { text });
    expect(standing()).toEqual(wanted.map((emoji) => `${emoji} ${ANNA}`));
  });
});
