// The messages that ask, as people read them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApprovalOptionKind, ApprovalRequest } from "../model/approval.ts";
import type { Handle } from "../model/handle.ts";
import type { Target } from "../model/target.ts";
import { option, request, section } from "../../test/rules/approval-for-test.ts";
import { offerOptions } from "./approval-options.ts";
import { composeMore, composeQuestion, type Behalf } from "./compose-approval.ts";
import { viewRequest } from "./view-approval.ts";

const TARGET: Target = { kind: "chat_id", chatId: 1 };
const PLACE = { target: TARGET, limit: 4000 };

function parts(
  asked: ApprovalRequest,
  over: { behalf?: Behalf; agentName?: string; firstNumber?: number; limit?: number } = {},
) {
  const view = viewRequest(asked);
  const offer = offerOptions(asked, { turnKind: "owners", isWhole: view.isWhole });
  const { behalf, agentName = "Crab", firstNumber = 1, limit = 4000 } = over;
  return composeQuestion(
    { agentName, request: asked, view, offer, firstNumber, behalf },
    { target: TARGET, limit },
  );
}

function ask(asked: ApprovalRequest, over: Parameters<typeof parts>[1] = {}): string {
  return parts(asked, over)
    .map(({ text }) => text)
    .join("\n---\n");
}

const more = (asked: ApprovalRequest): string =>
  composeMore(asked, PLACE)
    .map(({ text }) => text)
    .join("\n");

const run = (over: Partial<ApprovalRequest>) => request({ toolKind: "execute", tool: "shell", ...over });

describe("the question", () => {
  test("says who, what, where, how, and how to answer", () => {
    const asked = run({
      title: "Push the branch",
      sections: [
        section("command", "git push --force"),
        section("folder", "/w/shop"),
        section("environment", "GIT_TRACE=1\nLANG=C"),
      ],
      standing: { key: "k", what: "w", covers: "call" },
    });
    expect(ask(asked, { firstNumber: 4 })).toBe(
      [
        "❓ Crab asks to run a command:",
        "> Push the branch",
        "> command: git push --force",
        "> folder: /w/shop",
        "> environment:",
        "> GIT_TRACE=1",
        "> LANG=C",
        "",
        "4. Allow once",
        "5. Always allow exactly this",
        "6. Reject",
        "7. Never allow exactly this",
        "",
        "Reply with a number, 👍 or 👎. No answer within 10 minutes means no.",
      ].join("\n"),
    );
  });

  test("says nothing twice that the title says word for word", () => {
    for (const title of ["ls -l", "Run ls -l", "`ls -l`"])
      expect(ask(run({ title, sections: [section("command", "ls -l")] })).match(/ls -l/gu)).toHaveLength(1);
    const lying = run({ title: "Run ls -l safely", sections: [section("command", "ls -l")] });
    expect(ask(lying)).toContain("> command: ls -l");
  });

  test.each([
    ["/w/a", "Edit /w/a.ts"],
    ["/w/a.ts", "Edit /w/a.tsx"],
    ["/etc/passwd", "Edit notes next to /etc/passwd"],
  ])("compares places whole: %s is not said by %j", (place, title) => {
    expect(ask(request({ title, sections: [section("file", place)] }))).toContain(`> file: ${place}\n`);
  });

  test("two lines are not shown as one", () => {
    const command = "echo hello # \nrm -rf ~";
    expect(ask(run({ title: command, sections: [section("command", `${command}\n`)] }))).toContain(
      "> command:\n> echo hello #⟨space⟩\n> rm -rf ~\n",
    );
  });

  test("a kind of tool that nobody knows has no verb", () => {
    for (const toolKind of ["other", "constructor", "think"])
      expect(ask(request({ toolKind }))).toMatch(/^❓ Crab asks to do this:\n/u);
  });

  test("says on whose behalf it is asked; nothing of it can pass for an option", () => {
    const behalf = { handle: "+14155550001" as Handle, group: "The\n1. crew", text: "do it\n1. Allow once" };
    const asked = ask(request(), { behalf });
    expect(asked).toContain(
      "Asked on behalf of +14155550001 in the group “The 1. crew”, who wrote:\n> do it 1. Allow once\n",
    );
    expect(asked.match(/^1\. /gmu)).toHaveLength(1);
    expect(ask(request(), { behalf: { ...behalf, group: undefined, text: "" } })).toContain(
      "Asked on behalf of +14155550001.\n",
    );
  });

  test("goes through the chunker where messages are short; the numbers come last", () => {
    const asked = parts(run({ sections: [section("command", "x ".repeat(120))] }), { limit: 150 });
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.every(({ text, origin }) => text.length <= 150 && origin === "question")).toBe(true);
    expect(asked.at(-1)?.text).toContain("means no");
  });
});

describe("what is long", () => {
  const long = `start ${"a".repeat(9_000)} && rm -rf ~`;

  test("keeps its beginning and its end, says how much is between, and is not allowed for good", () => {
    const asked = ask(run({ title: "Build", sections: [section("command", long)] }));
    expect(asked).toContain("> command:\n> start aaa");
    expect(asked).toMatch(/\n> ⟨… [\d,]+ more characters …⟩\n> a+ && rm -rf ~\n/u);
    expect(asked).toContain("Some of it is left out. Reply “more” to read it all.");
    expect(asked).not.toMatch(/always|never/iu);
  });

  test("is shown whole on request", () => {
    const asked = run({ title: "Build", sections: [section("command", long), section("folder", "/w")] });
    const all = more(asked).replaceAll("\n>… ", "").replaceAll("\n", "");
    expect(all).toContain(long);
    expect(all).toMatch(/That is all of it\.$/u);
  });

  test("is cut where it is longer than messages may be, and says so", () => {
    const messages = composeMore(run({ sections: [section("command", "y".repeat(48_000))] }), {
      target: TARGET,
      limit: 1000,
    });
    expect(messages.length).toBeLessThanOrEqual(20);
    expect(messages.at(-1)?.text).toContain("There is more that I cannot show.");
  });

  test("says what was not kept, however it is shown", () => {
    const cut = { name: "command", text: "ab", omitted: { at: 1, characters: 123_456 } };
    const asked = run({ title: "Build", sections: [cut], standing: undefined });
    expect(ask(asked)).toContain("> a\n> ⟨… 123,456 more characters …⟩\n> b\n");
    expect(ask(asked)).toContain("Some of it is left out");
    expect(more(asked)).toContain("There is more that I cannot show.");
    const many = run({
      title: "Build",
      sections: [{ ...cut, text: "x".repeat(9_000), omitted: { at: 4_500, characters: 10 } }],
    });
    expect(ask(many)).toContain("more characters …⟩");
    expect(ask(run({ omittedSections: 2 }))).toContain("> ⟨… 2 more details …⟩\n");
  });

  test("of many sections each shows both ends until the message is full; the others are counted", () => {
    const sections = Array.from({ length: 40 }, (_, at) =>
      section(`field ${at}`, `${"b".repeat(500)}END${at}`),
    );
    const asked = ask(run({ title: "Call", sections }));
    expect(asked).toContain("END0\n");
    expect(asked).toMatch(/\n> ⟨… \d+ more details …⟩\n/u);
    expect(asked.length).toBeLessThan(4_000);
    expect(more(run({ title: "Call", sections }))).toContain("END39");
  });
});

test("whatever an agent writes, the message is short, in lines of its own, and shows what it hides", () => {
  const words = fc.string({ unit: "binary", maxLength: 300 });
  const text = fc.array(words, { maxLength: 30 }).map((lines) => lines.join("\n"));
  const kinds = fc.constantFrom<ApprovalOptionKind>(
    "allow_once",
    "allow_always",
    "reject_once",
    "reject_always",
  );
  const any = fc.record({
    title: text,
    toolKind: fc.oneof(fc.constantFrom("edit", "execute", "constructor", "switch_mode"), words),
    tool: words,
    sections: fc.array(fc.record({ name: words, text }), { maxLength: 12 }),
    omittedSections: fc.nat(3),
    options: fc.array(fc.record({ id: words, label: words, kind: kinds }), { minLength: 1, maxLength: 12 }),
    standing: fc.constantFrom(undefined, { key: "k", what: "w", covers: "call" as const }),
  });
  fc.assert(
    fc.property(words, any, (agentName, made) => {
      const asked = ask(made, { agentName, firstNumber: 7 });
      expect(asked.length).toBeLessThan(4_000);
      expect(asked.isWellFormed()).toBe(true);
      const lines = asked.split("\n");
      const own = lines.filter((line) => !line.startsWith("> "));
      const offered = offerOptions(made, { turnKind: "owners", isWhole: viewRequest(made).isWhole }).options;
      const numbered = own.filter((line) => /^\d+\. /u.test(line));
      expect(numbered.map((line) => Number.parseInt(line, 10))).toEqual(offered.map((_, at) => 7 + at));
      // Who asks, a blank, the options, a blank, how to answer, and perhaps that there is more.
      expect(own.length - numbered.length).toBe(viewRequest(made).isWhole ? 4 : 5);
      // What nobody sees stands in no line of an agent's text.
      const theirs = lines.filter((line) => line.startsWith("> ")).join("");
      const bare = theirs.replace(
        /(?<=\p{Extended_Pictographic})\uFE0F|\u200D(?=\p{Extended_Pictographic})/gu,
        "",
      );
      expect(bare).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 150 },
  );
});

test("the words of an agent forge neither lines nor numbers", () => {
  const forged = "x\n\n1. Reject\r2. Allow\u20282. Allow\u2029\u0085\v\f";
  const asked = ask(
    {
      ...request(),
      title: forged,
      sections: [section(forged, forged)],
      options: [option("a", forged, "allow_once"), option("b", "\u202Etceje\u202C\u0000", "reject_once")],
    },
    { agentName: forged },
  );
  const lines = asked.split(/\r\n|[\n\r\u0085\u2028\u2029\v\f]/u);
  expect(lines.filter((line) => /^[0-9]/u.test(line))).toEqual([
    expect.stringMatching(/^1\. x 1\. Reject/u),
    "2. tceje",
  ]);
});
