import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needsNewChild, outcomeOfError, outcomeOfResult } from "./outcome.ts";
import { gone, ImsgRefusal, timedOut } from "../child/refusal.ts";

const RECORDED = new URL("../../../test/fixtures/imsg-recorded/13-send-on-linux.jsonl", import.meta.url);

function refusal(code: number, data: unknown): ImsgRefusal {
  return new ImsgRefusal("send", { code, message: "Internal error", data });
}

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
    const outcome = outcomeOfError(error);
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === "failed") expect(outcome.retryable).toBe(retryable);
    if (outcome.kind !== "sent") expect(outcome.reason).not.toBe("");
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
      expect(outcomeOfError(new ImsgRefusal("send", error))).toMatchObject({
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
