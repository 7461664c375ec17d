import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needsNewChild, outcomeOfError, outcomeOfResult, type Asked } from "./outcome.ts";
import { gone, ImsgRefusal, timedOut } from "../child/refusal.ts";

const RECORDED = new URL("../../../test/fixtures/imsg-recorded/13-send-on-linux.jsonl", import.meta.url);

function refusal(code: number, data: unknown): ImsgRefusal {
  return new ImsgRefusal("send", { code, message: "Internal error", data });
}

const LEGACY: Asked = { dialect: "legacy", toPerson: false };

const NOBODY = 'Messages got an error: Can’t get buddy id "foo". (-1728)';

function delivery(
  code: number,
  disposition: string,
  retrySafe: boolean,
  detail = "it went wrong",
): ImsgRefusal {
  return refusal(code, {
    disposition,
    retry_safe: retrySafe,
    transport: "bridge",
    operation: "send",
    detail,
  });
}

describe("an answer", () => {
  it.each([
    [
      { ok: true, id: 12, guid: "G" },
      { kind: "sent", guid: "G", rowId: 12 },
    ],
    [
      { ok: true, guid: "G" },
      { kind: "sent", guid: "G", rowId: undefined },
    ],
    [
      { ok: true, id: 12 },
      { kind: "sent", guid: undefined, rowId: 12 },
    ],
    [
      { ok: true, message_id: "G", attempt_id: "G" },
      { kind: "sent", guid: "G", rowId: undefined },
    ],
  ])("%j is sent", (result, outcome) => expect(outcomeOfResult(result)).toEqual(outcome));

  it.each([[{ ok: true }], [{ ok: true, transport: "applescript" }], [null], ["odd"]])(
    "%j proves nothing",
    (result) => expect(outcomeOfResult(result).kind).toBe("unknown"),
  );

  it("without a row is with Messages, which may be slow", () => {
    expect(outcomeOfResult({ ok: true, transport: "applescript" })).toMatchObject({ handedOver: true });
    expect(outcomeOfResult({})).toMatchObject({ handedOver: false });
  });
});

describe("an error", () => {
  it.each([
    // Legacy says -32603 before and after the hand-over to Messages.
    [refusal(-32603, "AppleScript failed: Messages got an error: AppleEvent timed out."), "unknown", false],
    [refusal(-32603, `AppleScript failed: ${NOBODY}`), "failed", false],
    [delivery(-32603, "not_started", true, NOBODY), "failed", false],
    // Messages may not know a chat yet.
    [delivery(-32603, "not_started", true, NOBODY.replace("buddy", "chat")), "failed", true],
    [delivery(-32001, "may_have_completed", false, NOBODY), "unknown", false],
    [refusal(-32603, "Messages wrote an empty unjoined SMS row"), "unknown", false],
    [refusal(-32603, "The operation couldn’t be completed. (SQLite.Result error 0.)"), "unknown", false],
    [refusal(-32603, "unable to open database file (code: 14)\n\n⚠️  Permission Error: x"), "failed", true],
    [
      refusal(
        -32603,
        "AppleScript failed: Sending requires Messages.app automation and is only supported on macOS.",
      ),
      "failed",
      false,
    ],
    [refusal(-32602, "unknown chat_id 9999"), "failed", false],
    [refusal(-32601, "send"), "failed", false],
    [refusal(-32600, "method is required"), "failed", false],
    [refusal(-32000, "Server busy"), "failed", true],
    [refusal(-32002, "database unavailable"), "failed", true],
    [refusal(-32003, "no bridge"), "failed", false],
    [delivery(-32001, "may_have_completed", false), "unknown", false],
    [delivery(-32001, "still_in_flight", false), "unknown", false],
    [delivery(-32004, "not_started", true), "failed", true],
    [delivery(-32004, "may_have_completed", false), "unknown", false],
    [refusal(-32004, "mutation lane blocked"), "failed", true],
    [delivery(-32603, "not_started", true), "failed", true],
    [delivery(-32603, "not_started", false), "failed", false],
    [gone("send", "exit 1", true), "unknown", false],
    [gone("send", "exit 1", false), "failed", true],
    [timedOut("send", 30_000, "maybe"), "unknown", false],
    [new Error("odd"), "unknown", false],
  ] as const)("%s is %s (retryable: %s)", (error, kind, retryable) => {
    const outcome = outcomeOfError(error, LEGACY);
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === "failed") expect(outcome.retryable).toBe(retryable);
    if (outcome.kind !== "sent") expect(outcome.reason).not.toBe("");
  });

  const V1: Asked = { dialect: "v1", toPerson: true };
  const numbered = (number: number): string => `Messages automation failed with AppleScript error ${number}.`;
  it.each([
    // A string means that AppleScript had not begun.
    [refusal(-32603, "Attachment not found at /no/such.png"), "failed", true],
    [refusal(-32603, { detail: "it went wrong" }), "unknown", false],
    [delivery(-32603, "not_started", true, numbered(-1743)), "failed", true],
    [delivery(-32603, "not_started", true, numbered(-600)), "failed", true],
    [delivery(-32603, "not_started", true, numbered(-1728)), "failed", false],
    [delivery(-32603, "may_have_completed", false, numbered(-1728)), "unknown", true],
    [delivery(-32001, "may_have_completed", false, numbered(-1712)), "unknown", true],
    [refusal(-32001, "no row appeared"), "unknown", true],
    [delivery(-32001, "still_in_flight", false), "unknown", true],
    [gone("send", "exit 1", true), "unknown", false],
    [timedOut("send", 170_000, "maybe"), "unknown", false],
  ] as const)("of v1, %s is %s (retryable, or given to Messages: %s)", (error, kind, flag) => {
    const outcome = outcomeOfError(error, V1);
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === "failed") expect(outcome.retryable).toBe(flag);
    if (outcome.kind === "unknown") expect(outcome.handedOver).toBe(flag);
  });

  it("of v1 about a chat that Messages does not know may pass", () => {
    const error = delivery(-32603, "not_started", true, numbered(-1728));
    expect(outcomeOfError(error, { ...V1, toPerson: false })).toMatchObject({ retryable: true });
  });

  it.each([
    [-1743, "macOS does not let imsg control Messages (AppleScript error -1743)", "Automation"],
    [-1728, "Messages cannot find this person or chat (AppleScript error -1728)", "number or address"],
    [-1712, "Messages did not answer in time (AppleScript error -1712)", "dialog"],
    [-600, "Messages is not running (AppleScript error -600)", "open Messages"],
  ])("with AppleScript's %i says what that means and what to do", (number, what, fix) => {
    for (const text of [numbered(number), `Messages got an error: Something happened. (${number})`]) {
      const error = delivery(-32603, "not_started", false, text);
      const outcome = outcomeOfError(error, V1);
      expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringContaining(what) });
      expect(outcome).toMatchObject({ reason: expect.stringContaining(fix) });
      expect([error.message, error.hint]).toEqual([`send: ${what}`, expect.stringContaining(fix)]);
    }
  });

  it("with another number keeps imsg's words", () => {
    expect(outcomeOfError(delivery(-32603, "not_started", false, numbered(-2741)), V1)).toMatchObject({
      reason: numbered(-2741),
    });
  });

  it("of recorded imsg 0.9.0 is a certain failure, every one of them", () => {
    const lines = readFileSync(RECORDED, "utf8").split("\n").filter(Boolean);
    const errors = lines
      .map((line) => JSON.parse(line) as { dir: string; line?: string })
      .filter(({ dir }) => dir === "out")
      .map(
        ({ line }) => JSON.parse(line ?? "") as { error: { code: number; message: string; data: unknown } },
      );
    expect(errors.length).toBeGreaterThan(25);
    for (const { error } of errors)
      expect(outcomeOfError(new ImsgRefusal("send", error), LEGACY)).toMatchObject({
        kind: "failed",
        retryable: false,
      });
  });

  it("asks for another child when this one is stuck, or will never read its database", () => {
    expect(needsNewChild(timedOut("send", 1, "maybe"))).toBe(true);
    expect(needsNewChild(delivery(-32001, "still_in_flight", false))).toBe(true);
    expect(needsNewChild(refusal(-32004, "blocked"))).toBe(true);
    expect(needsNewChild(refusal(-32603, "unable to open database file (code: 14)"))).toBe(true);
    expect(needsNewChild(refusal(-32002, "unavailable"))).toBe(false);
    expect(needsNewChild(refusal(-32602, "unknown chat_id"))).toBe(false);
    expect(needsNewChild(gone("send", "exit 1", true))).toBe(false);
  });
});
