// Which options are offered to whom, and what the agent is told for each.
import { describe, expect, test } from "vitest";
import type { ApprovalRequest } from "../model/approval.ts";
import { ALL, ALWAYS, NEVER, NO, ONCE, option, request } from "../../test/rules/approval-for-test.ts";
import { chooseOption, offerOptions, type OfferPolicy } from "./approval-options.ts";

const OWNERS: OfferPolicy = { turnKind: "owners", isWhole: true };

function offered(over: Partial<ApprovalRequest>, policy: Partial<OfferPolicy> = {}) {
  const { options } = offerOptions(request(over), { ...OWNERS, ...policy });
  return options.map(({ optionId, tells, isStanding }) => `${optionId}>${tells}${isStanding ? "*" : ""}`);
}

describe("an answer that holds from now on", () => {
  test("is kept by the gateway, and the agent is told once", () => {
    expect(offered({})).toEqual(["once>once", "always>once*", "no>no", "never>no*"]);
  });

  test("is not offered where it could not mean exactly what is shown", () => {
    expect(offered({ standing: undefined })).toEqual(["once>once", "no>no"]);
    expect(offered({}, { isWhole: false })).toEqual(["once>once", "no>no"]);
  });

  test("allows nothing in a guest's turn", () => {
    expect(offered({}, { turnKind: "guests" })).toEqual(["once>once", "no>no", "never>no*"]);
  });

  test("is not offered where the agent cannot be told once", () => {
    expect(offered({ options: [ALWAYS, NO] })).toEqual(["no>no"]);
    expect(offered({ options: [ONCE, option("other", "Allow that", "allow_once"), ALWAYS, NO] })).toEqual([
      "once>once",
      "other>other",
      "no>no",
    ]);
  });

  test.each(["allow_always", "allow-always", "ALWAYS", "proceed_always", "approved-for-session"])(
    "is meant by an option called %s",
    (id) => {
      expect(offered({ options: [ONCE, option(id, "Always", "allow_always"), NO] })).toContain(`${id}>once*`);
    },
  );

  test("says in our words what it holds for", () => {
    const labels = (covers: "file" | "call") =>
      offerOptions(request({ standing: { key: "k", what: "w", covers } }), OWNERS).options.map(
        ({ label }) => label,
      );
    expect(labels("call")).toEqual([
      "Allow once",
      "Always allow exactly this",
      "Reject",
      "Never allow exactly this",
    ]);
    expect(labels("file")[1]).toBe("Always allow changes to this file");
  });
});

describe("an option that chooses something", () => {
  const plan = [
    option("acceptEdits", "Yes, and auto-accept edits", "allow_always"),
    option("default", "Yes, and manually approve edits", "allow_once"),
    option("plan", "No, keep planning", "reject_once"),
  ];

  test("is told to the agent as it is, and never kept", () => {
    expect(offered({ toolKind: "switch_mode", options: plan })).toEqual([
      "acceptEdits>acceptEdits",
      "default>default",
      "plan>plan",
    ]);
    // Also where the agent does not say that it is about a mode.
    expect(offered({ options: plan })).toEqual(["acceptEdits>acceptEdits", "default>default", "plan>plan"]);
  });

  test("can be chosen though its plan is too long to be shown whole", () => {
    expect(offered({ toolKind: "switch_mode", options: plan }, { isWhole: false })).toHaveLength(3);
    expect(offered({ options: plan }, { isWhole: false })).toEqual(["default>default", "plan>plan"]);
  });

  test("is not offered for a guest's turn where it allows more than once", () => {
    expect(offered({ toolKind: "switch_mode", options: plan }, { turnKind: "guests" })).toEqual([
      "default>default",
      "plan>plan",
    ]);
  });

  test("says so where the agent makes a rule of its own of it", () => {
    const server = option("proceed_always_server", "Always allow all tools of the server", "allow_always");
    const { options } = offerOptions(request({ options: [ONCE, ALWAYS, server, NO] }), OWNERS);
    expect(options.map(({ label, tells }) => [label, tells])).toEqual([
      ["Allow once", "once"],
      ["Yes, and don't ask again (the agent keeps this itself)", "always"],
      ["Always allow all tools of the server (the agent keeps this itself)", "proceed_always_server"],
      ["Reject", "no"],
    ]);
  });
});

test("there is always a way to say no", () => {
  expect(offered({ options: [ONCE] })).toEqual(["once>once", "undefined>undefined"]);
  expect(offered({ options: [ONCE, NEVER] })).toEqual(["once>once", "undefined>undefined"]);
  expect(offered({ options: [ALWAYS] }, { turnKind: "guests" })).toEqual(["undefined>undefined"]);
});

test("more than nine options are not offered, and a no still is", () => {
  const many = Array.from({ length: 12 }, (_, at) => option(`o${at}`, `Option ${at}`, "allow_once"));
  expect(offered({ options: many })).toHaveLength(10);
});

test("an option for once goes before one for all", () => {
  expect(chooseOption({ options: [ALWAYS, ONCE, NEVER, NO] }, "allow")).toBe(ONCE);
  expect(chooseOption({ options: [ALWAYS, NEVER] }, "deny")).toBe(NEVER);
  expect(chooseOption({ options: [ALWAYS] }, "deny")).toBeUndefined();
  expect(chooseOption({ options: ALL }, "deny")).toBe(NO);
});
