import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RowLedger } from "./row-ledger.ts";

function ledgerAt(cursor: number): RowLedger {
  const ledger = new RowLedger();
  ledger.rewind(cursor);
  return ledger;
}

describe("row ledger", () => {
  it("moves over rows handed over one by one, and stays before a gap", () => {
    const ledger = ledgerAt(10);
    for (const row of [11, 12, 14]) ledger.handOver(row);
    expect([ledger.watermark, ledger.newest]).toEqual([12, 14]);
    expect([11, 12, 13, 14].map((row) => ledger.has(row))).toEqual([true, true, false, true]);
    ledger.handOver(13);
    expect(ledger.watermark).toBe(14);
  });

  it("moves over a gap that proved empty", () => {
    const ledger = ledgerAt(0);
    for (const row of [1, 5, 6]) ledger.handOver(row);
    ledger.confirm(5);
    expect(ledger.watermark).toBe(6);
  });

  it("does not move past a row that came and was not handed over", () => {
    const ledger = ledgerAt(0);
    ledger.note(3);
    ledger.confirm(10);
    expect(ledger.watermark).toBe(2);
    expect(ledger.has(3)).toBe(true);
    ledger.handOver(3);
    expect(ledger.watermark).toBe(3);
  });

  it("forgets what it saw when it is rewound", () => {
    const ledger = ledgerAt(0);
    ledger.handOver(2);
    ledger.rewind(1);
    expect([ledger.watermark, ledger.newest, ledger.has(2)]).toEqual([1, 1, false]);
  });

  it("never passes a row that was not handed over, in whatever order they come", () => {
    const rows = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 40 });
    fc.assert(
      fc.property(rows, rows, (noted, handed) => {
        const ledger = ledgerAt(0);
        for (const row of noted) ledger.note(row);
        const done = new Set<number>();
        for (const row of handed) {
          ledger.handOver(row);
          done.add(row);
          let expected = 0;
          while (done.has(expected + 1)) expected += 1;
          expect(ledger.watermark).toBe(expected);
        }
        ledger.confirm(50);
        const lacking = noted.filter((row) => !done.has(row));
        expect(ledger.watermark).toBe(lacking.length === 0 ? 50 : Math.min(...lacking) - 1);
      }),
    );
  });
});
