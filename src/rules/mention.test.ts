// The mention check by what is required, what patterns there are and what is said.
import { expect, test } from "vitest";
import { asId, type AgentId } from "../model/ids.ts";
import type { AgentSettings } from "../model/settings.ts";
import { decideMention } from "./mention.ts";

function agent(...mentionPatterns: string[]): AgentSettings {
  return {
    id: asId<AgentId>("main"),
    name: "main",
    runtime: { type: "echo" },
    workspace: "/",
    mentionPatterns,
    streaming: "off",
    longTurnMs: 60_000,
  };
}

test.each([
  [true, ["claw", "小爪"], "hey Claw", true, 'matches "claw"'],
  [true, ["claw", "小爪"], "请小爪帮我", true, 'matches "小爪"'],
  [true, ["claw"], "hello", false, "none of the patterns of agent main"],
  [true, [], "hello", true, "cannot be enforced: agent main has no mention patterns"],
  [false, ["claw"], "hello", true, "not required here"],
  [false, [], "hello", true, "not required here"],
])("required %s, patterns %j, %s: %s", (required, patterns, text, ...[passed, saw]) => {
  expect(decideMention(text, agent(...patterns), required)).toEqual({ passed, saw });
});

test("an agent that is not there has no patterns", () => {
  expect(decideMention("x", undefined, true).passed).toBe(true);
});
