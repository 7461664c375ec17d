// Admission against a second reading of the access rules, and against whatever people may write as a command.
import fc from "fast-check";
import { expect, test } from "vitest";
import { codeOf } from "../../test/rules/admission-for-test.ts";
import { expected, isGroup, isOwner, mayReach } from "../../test/rules/plain-reading-for-test.ts";
import { run, world } from "../../test/rules/policy-world-for-test.ts";

const RUNS = { numRuns: 5000 };

test("who is admitted is who a plain reading admits, and nobody else", () => {
  const met = { turn: 0, command: 0, neither: 0 };
  fc.assert(
    fc.property(world, (one) => {
      const { kind } = run(one).outcome;
      const found = kind === "turn" || kind === "command" ? kind : "neither";
      met[found] += 1;
      expect(found).toBe(expected(one));
    }),
    RUNS,
  );
  // The worlds are neither all open nor all shut.
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(RUNS.numRuns / 50);
});

test("the words of nobody else reach an agent as context", () => {
  fc.assert(
    fc.property(world, (one) => {
      const { outcome } = run(one);
      if (outcome.kind !== "remember" || !outcome.asContext) return;
      // What is written by hand with this Apple ID is nobody's to admit.
      expect(one.fromMe || mayReach(one)).toBe(true);
      expect(isGroup(one)).toBe(true);
    }),
    RUNS,
  );
});

test("a pairing code goes to a stranger alone in a direct chat, or nowhere", () => {
  fc.assert(
    fc.property(world, (one) => {
      if (codeOf(run(one)) !== "pairing.code-sent") return;
      expect([isGroup(one), one.chat.participants.length > 1, one.dmPolicy]).toEqual([
        false,
        false,
        "pairing",
      ]);
    }),
    RUNS,
  );
});

test("5,000 commands, as people and machines write them: none crashes, none makes an owner of anybody", () => {
  const names = [
    "help",
    "commands",
    "whoami",
    "id",
    "status",
    "new",
    "reset",
    "stop",
    "agent",
    "pairing",
    "config",
  ];
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names) },
    { weight: 3, arbitrary: fc.constantFrom(...names).chain((one) => fc.mixedCase(fc.constant(one))) },
    { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "constructor",
        "__proto__",
        "сonfig",
        "ｃonfig",
        "config\u0000",
        "config\u200b",
      ),
    },
  );
  const gap = fc.constantFrom("", " ", ":", ": ", "\n", "\t", "\u00a0", "\u2028", " : ", "::", "\r\n");
  const args = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constantFrom(
      "set channels.imessage.dmPolicy open",
      "show",
      "undo",
      "approve ABCDEFGH",
      "list",
      "__proto__=1",
    ),
  );
  const command = fc
    .tuple(
      fc.constantFrom("", "", "", " ", "\n", "\ufffc"),
      fc.constantFrom("/", "/", "/", "/", "//", "／", ""),
      name,
      gap,
      args,
    )
    .map((pieces) => pieces.join(""));
  let given = 0;
  fc.assert(
    fc.property(world, command, (one, text) => {
      const { outcome } = run({ ...one, text });
      if (outcome.kind !== "command") return;
      given += 1;
      expect(outcome.command.role).toBe(isOwner(one) ? "owner" : "authorised");
      if (["agent", "pairing", "config"].includes(outcome.command.name)) expect(isOwner(one)).toBe(true);
      expect(mayReach({ ...one, text })).toBe(true);
    }),
    { numRuns: 5000 },
  );
  // The test is about something.
  expect(given).toBeGreaterThan(200);
});
