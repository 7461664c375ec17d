// Neighbours of the recorded columns: whole numbers at 64 bits, dates between milliseconds, kinds SQLite does not mind, and none at all.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Neighbour } from "./neighbour.ts";
import type { Columns } from "./neighbour.ts";

let neighbour: Neighbour;
beforeEach(() => {
  neighbour = new Neighbour();
});
afterEach(() => neighbour.destroy());

describe("a date", () => {
  const SECOND = 1_000_000_000n;
  test.each<[string, bigint | number | string | null, string]>([
    ["of whole seconds", 800_000_000n * SECOND, "2026-05-09T06:13:20.000Z"],
    ["just below half a millisecond", 800_000_000n * SECOND + 499_000n, "2026-05-09T06:13:20.000Z"],
    ["of half a millisecond", 800_000_000n * SECOND + 500_000n, "2026-05-09T06:13:20.001Z"],
    ["just above half a millisecond", 800_000_000n * SECOND + 501_000n, "2026-05-09T06:13:20.001Z"],
    ["that rounds up to the next second", 800_000_000n * SECOND + 999_600_000n, "2026-05-09T06:13:21.000Z"],
    ["of seconds instead of nanoseconds", 800_000_000n, "2001-01-01T00:00:00.800Z"],
    ["of 0", 0n, "2001-01-01T00:00:00.000Z"],
    ["before 2001", -SECOND, "2000-12-31T23:59:59.000Z"],
    ["of NULL", null, "2001-01-01T00:00:00.000Z"],
    ["of text", "yesterday", "2001-01-01T00:00:00.000Z"],
    ["with a fraction", 1.5, "2001-01-01T00:00:00.000Z"],
    ["of the last 64 bits", 2n ** 63n - 1n, "2293-04-11T23:47:16.855Z"],
    ["of the first 64 bits", -(2n ** 63n), "1708-09-22T00:12:43.145Z"],
  ])("%s", (_title, date, wanted) => {
    neighbour.add({ text: "x", date });
    expect(neighbour.told()).toMatchObject([{ created_at: wanted }]);
  });
});

describe("whole numbers", () => {
  const attach = (bytes: bigint | number | string | null): void => {
    neighbour.add({ text: "x" });
    neighbour.change(
      `INSERT INTO attachment (ROWID, guid, original_guid, filename, total_bytes) VALUES (900, 'a', 'a', '', ?)`,
      bytes,
    );
    neighbour.change("INSERT INTO message_attachment_join VALUES (48, 900)");
  };

  test.each<[string, bigint | number | string | null, string]>([
    ["0", 0n, "0"],
    ["2^53 + 1", 2n ** 53n + 1n, "9007199254740993"],
    ["2^63 - 1", 2n ** 63n - 1n, "9223372036854775807"],
    ["-2^63", -(2n ** 63n), "-9223372036854775808"],
    ["NULL", null, "0"],
    ["digits", "12", "12"], // the column takes them for a number
    ["words", "many", "0"],
    ["a fraction", 1.5, "0"],
  ])("%s bytes of an attachment", (_title, bytes, wanted) => {
    attach(bytes);
    expect(neighbour.toldAsJson()).toContain(`"total_bytes":${wanted},`);
  });

  test("the number of a row is told to the digit", () => {
    neighbour.add({ text: "x" });
    neighbour.change("UPDATE message SET ROWID = ? WHERE ROWID = 48", 2n ** 62n + 1n);
    neighbour.change("UPDATE chat_message_join SET message_id = ? WHERE message_id = 48", 2n ** 62n + 1n);
    expect(neighbour.toldAsJson()).toContain('"id":4611686018427387905,');
  });

  test.each<[string, Columns, boolean]>([
    ["1", { is_from_me: 1 }, true],
    ["2", { is_from_me: 2 }, true],
    ["-1", { is_from_me: -1 }, true],
    ["0", { is_from_me: 0 }, false],
    ["NULL", { is_from_me: null }, false],
    ["a word", { is_from_me: "yes" }, false],
    ["2^62", { is_from_me: 2n ** 62n }, true],
  ])("%s for yes or no", (_title, columns, wanted) => {
    neighbour.add({ text: "x", ...columns });
    expect(neighbour.told()).toMatchObject([{ is_from_me: wanted }]);
  });
});

describe("a sender", () => {
  test.each<[string, Columns, string, string | undefined]>([
    ["with a handle", { destination_caller_id: "+1415" }, "+14155551212", "+1415"],
    ["without one", { handle_id: 0, destination_caller_id: "+1415" }, "+1415", "+1415"],
    ["without either", { handle_id: 0, destination_caller_id: null }, "", undefined],
    ["with the empty text for a caller", { handle_id: 0, destination_caller_id: "" }, "", undefined],
    ["with a number for a caller", { handle_id: 0, destination_caller_id: 1415n }, "1415", "1415"],
    ["with a handle that is gone", { handle_id: 999 }, "", undefined],
    ["with a handle of NULL", { handle_id: null }, "", undefined],
  ])("%s", (_title, columns, sender, caller) => {
    neighbour.add({ text: "x", ...columns });
    const [message] = neighbour.told();
    expect([message?.sender, message?.destination_caller_id]).toEqual([sender, caller]);
  });
});

describe("an older Mac", () => {
  test.each([
    "attributedBody",
    "destination_caller_id",
    "thread_originator_guid",
    "balloon_bundle_id",
    "is_audio_message",
  ])("without the column %s tells the rest", (column) => {
    neighbour.add({ text: "x", handle_id: 1 });
    neighbour.change(`ALTER TABLE message DROP COLUMN ${column}`);
    expect(neighbour.told()).toMatchObject([{ text: "x", guid: "N48", sender: "+14155551212" }]);
    expect(neighbour.history().length).toBeGreaterThan(0);
  });

  test("that knows no tapbacks knows no guids", () => {
    neighbour.add({ text: "Loved", associated_message_type: 2000, associated_message_guid: "x" });
    neighbour.change("ALTER TABLE message DROP COLUMN associated_message_type");
    expect(neighbour.told()).toMatchObject([{ text: "Loved", guid: "", reactions: [] }]);
  });
});

test("messages of one time come in the order they were joined", () => {
  for (const text of ["a", "b", "c"]) neighbour.add({ text });
  expect(
    neighbour
      .history()
      .slice(0, 3)
      .map(({ text }) => text),
  ).toEqual(["a", "b", "c"]);
});
