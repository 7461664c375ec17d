// Neighbours of the recorded replies: parents that are missing, spelled otherwise, or the message itself.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeAttributedBody } from "../../src/simulator/typedstream.ts";
import { Neighbour } from "./neighbour.ts";
import type { Columns } from "./neighbour.ts";

const REPLY_KEYS = ["thread_originator_guid", "reply_to_guid", "reply_to_text", "reply_to_sender"] as const;
const ANNA = "+14155551212";
const WHOLE = { text: "parent", sender: ANNA };

let neighbour: Neighbour;
beforeEach(() => {
  neighbour = new Neighbour();
});
afterEach(() => neighbour.destroy());

/** What is told of the parent of a reply with these columns, which is row 49 and called N49. */
function reply(columns: Columns): unknown {
  neighbour.add({ text: "reply", ...columns });
  const message = neighbour.told()[1];
  const told = REPLY_KEYS.map((key) => [key.replace("reply_to_", ""), message?.[key]]);
  return Object.fromEntries(told.filter(([, value]) => value !== undefined));
}

describe("an inline reply", () => {
  test.each<[string, string | null | number, object]>([
    ["to a message", "N48", { thread_originator_guid: "N48", ...WHOLE }],
    ["to none", null, {}],
    ["to the empty text", "", {}],
    ["to one that is missing", "N99", { thread_originator_guid: "N99" }],
    ["in another case", "n48", { thread_originator_guid: "n48" }],
    ["with a prefix", "p:0/N48", { thread_originator_guid: "p:0/N48" }],
    ["to itself", "N49", { thread_originator_guid: "N49", text: "reply", sender: ANNA }],
    ["to a guid that ends at NUL", "N48\0x", { thread_originator_guid: "N48", ...WHOLE }],
  ])("%s", (_title, guid, wanted) => {
    neighbour.add({ text: "parent" });
    expect(reply({ thread_originator_guid: guid })).toEqual(wanted);
  });

  test("to one that replies to it", () => {
    neighbour.add({ text: "parent", thread_originator_guid: "N49" });
    expect(reply({ thread_originator_guid: "N48" })).toMatchObject(WHOLE);
    expect(neighbour.told()[0]).toMatchObject({ reply_to_text: "reply" });
  });
});

describe("what else a message is put to", () => {
  test.each<[string, string | null, object]>([
    ["a part", "p:0/N48", { guid: "N48", ...WHOLE }],
    ["a bubble", "bp:N48", { guid: "bp:N48" }],
    ["a guid", "N48", { guid: "N48", ...WHOLE }],
    ["nothing behind the slash", "p:0/", { guid: "p:0/" }],
    ["a slash", "/", { guid: "/" }],
    ["nothing", "", {}],
    ["NULL", null, {}],
  ])("%s", (_title, associated, wanted) => {
    neighbour.add({ text: "parent" });
    expect(reply({ associated_message_guid: associated, associated_message_type: 1000 })).toEqual(wanted);
  });

  test("the parent of a thread is looked for first, then the other", () => {
    neighbour.add({ text: "parent" });
    const both = { associated_message_guid: "N48", associated_message_type: 0 };
    expect(reply({ ...both, thread_originator_guid: "N99" })).toEqual({
      thread_originator_guid: "N99",
      guid: "N48",
      ...WHOLE,
    });
    expect(neighbour.history()[1]).toMatchObject({ reply_to_text: "parent" });
  });
});

describe("a parent's text and sender", () => {
  test.each<[string, Columns, object]>([
    ["in the body", { text: null, attributedBody: encodeAttributedBody("parent") }, WHOLE],
    ["not there", { text: null }, { text: "", sender: ANNA }],
    [
      "from us",
      { text: "parent", handle_id: 0, is_from_me: 1, destination_caller_id: "+1415" },
      { text: "parent", sender: "+1415" },
    ],
    ["from nobody", { text: "parent", handle_id: 0 }, { text: "parent", sender: "" }],
    ["from a handle that is gone", { text: "parent", handle_id: 999 }, { text: "parent", sender: "" }],
    [
      "a tapback",
      { text: "Loved", associated_message_type: 2000, associated_message_guid: "x" },
      { text: "Loved", sender: ANNA },
    ],
  ])("%s", (_title, parent, wanted) => {
    neighbour.add(parent);
    neighbour.add({ text: "reply", thread_originator_guid: "N48" });
    const message = neighbour.told().find(({ guid }) => guid === "N49");
    expect({ text: message?.reply_to_text, sender: message?.reply_to_sender }).toEqual(wanted);
  });
});

test("a tapback names no parent", () => {
  neighbour.add({ text: "parent" });
  const columns = {
    associated_message_type: 2000,
    associated_message_guid: "p:0/N48",
    thread_originator_guid: "N48",
  };
  neighbour.add({ text: "Loved", ...columns });
  const event = neighbour.told(true)[1];
  for (const key of REPLY_KEYS) expect(event).not.toHaveProperty(key);
});
