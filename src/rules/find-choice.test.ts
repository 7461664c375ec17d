// Which choice is meant, in whatever way a phone writes it.
import { expect, test } from "vitest";
import { findChoice } from "./find-choice.ts";

const CHOICES = [
  { id: "plan", name: "Plan Mode" },
  { id: "code", name: "Write code" },
  { id: "codeReview", name: "Review" },
  { id: "acme/large-2", name: "ACME Large 2" },
  { id: "acme/large-3", name: "ACME Large 3" },
  { id: "x", name: "Plan" },
];

test.each([
  ["plan", "plan"],
  ["PLAN", "plan"],
  ["Plan mode", "plan"],
  [" plan   MODE ", "plan"],
  ["code", "code"],
  ["coder", "codeReview"],
  ["codereview", "codeReview"],
  ["write", "code"],
  ["Rev", "codeReview"],
  ["acme/large-3", "acme/large-3"],
  ["ACME Large 3", "acme/large-3"],
  ["pl", undefined],
  ["acme", undefined],
  ["large-3", undefined],
  ["nothing", undefined],
])("%j means %s", (text, id) => {
  expect(findChoice(CHOICES, text).choice?.id).toBe(id);
});

test.each([
  ["acme", ["acme/large-2", "acme/large-3"]],
  ["large-3", ["acme/large-3"]],
  ["nothing", []],
])("%j could be %j", (text, ids) => {
  expect(findChoice(CHOICES, text).near.map(({ id }) => id)).toEqual(ids);
});

test("the very id goes before one that differs in case only", () => {
  const choices = [
    { id: "Fast", name: "" },
    { id: "fast", name: "" },
  ];
  expect(findChoice(choices, "fast").choice).toBe(choices[1]);
  expect(findChoice(choices, "FAST")).toEqual({ choice: undefined, near: choices });
});
