// When an answer counts.
import { describe, expect, test } from "vitest";
import { asId, type RowId } from "../model/ids.ts";
import { READING_MS, whyTooEarly } from "./approval-timing.ts";

const SENT = 1_000_000;

/** An answer with these distances (ms) from the request: by our clocks, and by Messages' dates. */
function early(
  received: number,
  dated: number,
  { isDated = true, missed = false, rowId = 8 }: { isDated?: boolean; missed?: boolean; rowId?: number } = {},
): boolean {
  const shown = {
    confirmedAtMs: SENT,
    claimedAtMs: SENT - 300,
    dateMs: isDated ? SENT - 100 : undefined,
    afterRow: asId<RowId>(7),
  };
  const message = { createdAtMs: (shown.dateMs ?? SENT) + dated, rowId: asId<RowId>(rowId) };
  return whyTooEarly({ shown }, { receivedAtMs: SENT + received, missed, message }, READING_MS) !== undefined;
}

describe("an answer", () => {
  test.each<[string, boolean, Parameters<typeof early>]>([
    ["two seconds later counts", false, [2_000, 2_000]],
    ["sooner does not", true, [1_999, 1_999]],
    ["that came before the request was confirmed does not", true, [-1, 5_000]],
    ["dated before it does not, however late it comes", true, [60_000, -1]],
    ["dated at the same moment counts once two seconds have passed", false, [2_000, 0]],
    ["that was missed counts by its date", false, [600_000, 2_000, { missed: true }]],
    ["that was missed and dated right after it does not", true, [600_000, 1_999, { missed: true }]],
    ["that was missed and comes with the request itself counts", false, [0, 30_000, { missed: true }]],
    [
      "to a request whose row was not seen counts if its own row is newer",
      false,
      [3_000, 0, { isDated: false }],
    ],
    ["whose row is older does not", true, [3_000, 0, { isDated: false, rowId: 7 }]],
    ["dated before the sending began does not", true, [3_000, -301, { isDated: false }]],
    [
      "to such a request that was missed keeps to our clock",
      true,
      [1_999, 9_000, { isDated: false, missed: true }],
    ],
  ])("%s", (_what, isEarly, args) => {
    expect(early(...args)).toBe(isEarly);
  });

  test("to what is not known to have been sent never counts", () => {
    const message = { createdAtMs: SENT * 2, rowId: asId<RowId>(99) };
    expect(
      whyTooEarly({ shown: undefined }, { receivedAtMs: SENT * 2, missed: false, message }, 0),
    ).toBeDefined();
  });
});
