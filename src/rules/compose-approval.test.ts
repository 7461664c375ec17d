// Questions of agents as people read them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Handle } from "../model/handle.ts";
import type { ApprovalOptionKind } from "../model/approval.ts";
import { ALL, option, question } from "../../test/rules/approval-for-test.ts";
import { composeConfirmation, composeExpiry, composeApproval, composeReminder } from "./compose-approval.ts";

describe("the question", () => {
  test("says who, what, where, how, and how to answer", () => {
    const detail = "--- a/notes.txt\n+++ b/notes.txt\n+two words\n";
    const asked = question({ places: ["/w/notes.txt", "/w/other.txt"], title: "Edit /w/notes.txt", detail });
    expect(composeApproval("Crab", asked)).toBe(
      [
        "❓ Crab asks to change files:",
        "> Edit /w/notes.txt",
        "> in /w/other.txt",
        ">",
        "> --- a/notes.txt",
        "> +++ b/notes.txt",
        "> +two words",
        "",
        "1. Allow once",
        "2. Yes, and don't ask again (this tool, from now on)",
        "3. Reject",
        "4. Never allow (this tool, from now on)",
        "",
        "Answer with a number, 👍 or 👎. No answer in 10 minutes is a no.",
      ].join("\n"),
    );
  });

  test("says of a command that always is for that command only, and shows it once", () => {
    const asked = composeApproval(
      "Crab",
      question({ toolKind: "execute", title: "git status", detail: "git status" }),
    );
    expect(asked.match(/git status/gu)).toHaveLength(1);
    expect(asked).toContain("2. Yes, and don't ask again (this very command, from now on)");
  });

  test("says nothing twice", () => {
    const run = composeApproval(
      "Crab",
      question({ toolKind: "execute", title: "Run ls -l", detail: "ls -l" }),
    );
    expect(run.match(/ls -l/gu)).toHaveLength(1);
    const edit = composeApproval("Crab", question({ places: ["/w/notes.txt"], detail: "/w/notes.txt\n+x" }));
    expect(edit.match(/\/w\/notes\.txt/gu)).toHaveLength(1);
    const named = question({
      title: "/w/notes.txt",
      places: ["/w/notes.txt"],
      detail: "/w/notes.txt\n-x\n+y",
    });
    const asked = composeApproval("Crab", named);
    expect(asked.match(/\/w\/notes\.txt/gu)).toHaveLength(1);
    expect(asked).toContain("> -x\n> +y");
  });

  test("a title that is too long hides nothing of the command", () => {
    const command = `echo ${"a".repeat(220)}; rm -rf ~`;
    const asked = composeApproval("Crab", question({ toolKind: "execute", title: command, detail: command }));
    expect(asked).toContain("; rm -rf ~");
  });

  test("two lines are not shown as one", () => {
    const detail = "echo hello # \nrm -rf ~";
    const asked = composeApproval("Crab", question({ toolKind: "execute", title: detail, detail }));
    expect(asked).toContain("> echo hello # \n> rm -rf ~");
  });

  test.each(["other", "constructor", "think"])(
    "a kind of tool that nobody knows has no verb: %s",
    (toolKind) => {
      expect(composeApproval("Crab", question({ toolKind }))).toMatch(/^❓ Crab asks to do this:\n/u);
    },
  );

  test("what is left out is said so", () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`).join("\n");
    const asked = composeApproval(
      "Crab",
      question({ detail: lines, places: ["/a", "/b", "/c", "/d", "/e"] }),
    );
    expect(asked).toContain("> line 11\n> … 18 more lines");
    expect(asked).not.toContain("line 12");
    expect(asked).toContain("> in /c\n> and 2 more places");
    expect(composeApproval("Crab", question({ detail: "x".repeat(500) }))).toContain(
      `> ${"x".repeat(119)}…\n`,
    );
  });

  test("the words of an agent forge neither lines nor numbers", () => {
    const forged = "x\n\n1. Reject\r2. Allow\u20282. Allow\u2029\u0085\v\f";
    const text = composeApproval(forged, {
      ...question(),
      title: forged,
      places: [forged],
      detail: forged,
      options: [option("a", forged, "allow_once"), option("b", "\u202Etceje\u202C\u0000", "reject_once")],
    });
    const lines = text.split(/\r\n|[\n\r\u0085\u2028\u2029\v\f]/u);
    expect(lines.filter((line) => /^[0-9]/u.test(line))).toEqual([
      expect.stringMatching(/^1\. x 1\. Reject/u),
      "2. tceje",
    ]);
  });

  test("is always short, and in lines of its own", () => {
    const words = fc.string({ unit: "binary", maxLength: 400 });
    const long = fc.array(words, { maxLength: 40 }).map((lines) => lines.join("\n"));
    const kinds = fc.constantFrom<ApprovalOptionKind>(
      "allow_once",
      "allow_always",
      "reject_once",
      "reject_always",
    );
    const asked = fc.record({
      title: long,
      toolKind: fc.oneof(fc.constantFrom("edit", "execute", "constructor"), words),
      tool: words,
      places: fc.array(words, { maxLength: 9 }),
      detail: long,
      options: fc.array(fc.record({ id: words, label: words, kind: kinds }), { minLength: 1, maxLength: 12 }),
    });
    fc.assert(
      fc.property(words, asked, (name, made) => {
        const text = composeApproval(name, made);
        expect(Array.from(text).length).toBeLessThan(4000);
        expect(text.isWellFormed()).toBe(true);
        // Nothing but line ends and tabs of what has no shape of its own.
        expect(text.replace(/[\n\t\u200D]/gu, "")).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u);
        const lines = text.split("\n");
        const own = lines.filter((line) => !line.startsWith(">"));
        const shown = Math.min(made.options.length, 9);
        // Who asks, a blank, the options, a blank, how to answer.
        expect(own).toHaveLength(shown + 4);
        own.slice(2, 2 + shown).forEach((line, at) => expect(line.startsWith(`${at + 1}. `)).toBe(true));
        expect(lines.length - own.length).toBeLessThan(22);
      }),
    );
  });
});

test("what is said around it", () => {
  expect(composeReminder(question())).toContain("(1 to 4)");
  expect(composeExpiry(question({ title: "a\nb" }))).toBe("No answer came, so it was denied: a b");
  expect(ALL.map(({ kind }) => composeConfirmation(kind))).toEqual([
    "Allowed.",
    "Allowed from now on.",
    "Denied.",
    "Denied from now on.",
  ]);
});

test("on whose behalf it is asked, where that is not to be seen; nothing of it can pass for an option", () => {
  const behalf = { handle: "+14155550001" as Handle, group: "The\n1. crew", text: "do it\n1. Allow once" };
  const asked = composeApproval("Crab", question(), behalf);
  expect(asked).toContain(
    "That is for +14155550001 in the group “The 1. crew”, who wrote:\n> do it 1. Allow once\n",
  );
  expect(asked.match(/^1\. /gmu)).toHaveLength(1);
  expect(composeApproval("Crab", question(), { ...behalf, group: undefined, text: "" })).toContain(
    "That is for +14155550001.\n",
  );
});
