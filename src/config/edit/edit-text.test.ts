import { tokenize } from "@humanwhocodes/momoa";
import fc from "fast-check";
import { expect, test } from "vitest";
import { setInText, unsetInText } from "./edit-text.ts";
import { findMember, parseText } from "../read/parse.ts";
import { parsePath, type ConfigPath } from "../read/path.ts";
import { memberOf, valueAt } from "../schema/walk.ts";

function path(text: string): ConfigPath {
  const parsed = parsePath(text);
  if (parsed === undefined) throw new Error(`no path: ${text}`);
  return parsed;
}

function set(text: string, at: string, value: unknown): string {
  const edited = setInText(text, path(at), value);
  return edited.ok ? edited.text : `refused: ${edited.reason}`;
}

function unset(text: string, at: string): string {
  const edited = unsetInText(text, path(at));
  return edited.ok ? edited.text : `refused: ${edited.reason}`;
}

test.each([
  ["an empty text", "", "a.b", 1, "{\n  a: {\n    b: 1,\n  },\n}\n"],
  ["only comments", "// mine", "a", [1], "// mine\n{\n  a: [1],\n}\n"],
  ["an empty object", "{}", "a", true, "{\n  a: true,\n}"],
  ["a value is replaced", "{ a: 1, /* keep */ b: 'x' }", "b", "it's", "{ a: 1, /* keep */ b: 'it\\'s' }"],
  ["one line, no trailing comma", "{ a: 1 }", "b", 2, "{ a: 1, b: 2 }"],
  ["one line, trailing comma", "{ a: 1, }", "b", 2, "{ a: 1, b: 2, }"],
  ["lines, trailing comma", "{\n  a: 1,\n}\n", "b", 2, "{\n  a: 1,\n  b: 2,\n}\n"],
  ["lines, no trailing comma, note", "{\n\ta: 1 // one\n}", "b", 2, "{\n\ta: 1, // one\n\tb: 2\n}"],
  [
    "note after a trailing comma",
    "{\n a: 1, // one\n // end\n}",
    "b",
    2,
    "{\n a: 1, // one\n b: 2,\n // end\n}",
  ],
  ["JSON stays JSON", '{\n    "a": {}\n}', "a.b", "x", '{\n    "a": {\n        "b": "x"\n    }\n}'],
  ["Windows line ends", "{\r\n  a: 1,\r\n}", "b", 2, "{\r\n  a: 1,\r\n  b: 2,\r\n}"],
  ["an empty object with a note", "{\n  // todo\n}", "a", 1, "{\n  // todo\n  a: 1,\n}"],
  ["an empty object with a note inside its line", "{ /* todo */ }", "a", 1, "{ /* todo */ a: 1  }"],
  ["a list grows", "{ a: ['x', 'y',] }", "a[2]", "z", "{ a: ['x', 'y', 'z',] }"],
  ["a list on lines grows", "{\n a: [\n  1,\n  2\n ]\n}", "a[2]", 3, "{\n a: [\n  1,\n  2,\n  3\n ]\n}"],
  ["an empty list grows", "{\n  a: [],\n}", "a[0]", "x", '{\n  a: ["x"],\n}'],
  ["a quoted key", "{ dms: {} }", 'dms["a@b.c"].n', 1, '{ dms: { "a@b.c": { n: 1 } } }'],
  [
    "nested, on lines",
    "{\n  a: {\n    b: 1,\n  },\n}",
    "a.c.d",
    2,
    "{\n  a: {\n    b: 1,\n    c: {\n      d: 2,\n    },\n  },\n}",
  ],
  ["past the end of a list", "{ a: [1] }", "a[3]", 1, "refused: a has 1 entries; the next position is [1]"],
  ["into a plain value", "{ a: 1 }", "a.b", 1, "refused: a is a plain value, it has no keys"],
  ["a position of an object", "{ a: {} }", "a[0]", 1, "refused: a is not a list, it has no [0]"],
])("set: %s", (_name, text, at, ...[value, expected]) => {
  expect(set(text, at, value)).toBe(expected);
});

test.each([
  ["the only one", "{ a: 1 }", "a", "{ }"],
  ["the first of a line", "{ a: 1, b: 2 }", "a", "{ b: 2 }"],
  ["the last of a line", "{ a: 1, b: 2 }", "b", "{ a: 1 }"],
  ["the last of a line, trailing comma", "{ a: 1, b: 2, }", "b", "{ a: 1, }"],
  ["a line", "{\n  a: 1,\n  b: 2,\n  c: 3,\n}", "b", "{\n  a: 1,\n  c: 3,\n}"],
  ["the last line without a comma", "{\n  a: 1,\n  b: 2\n}", "b", "{\n  a: 1\n}"],
  ["… behind a note", "{\n  a: 1, // one\n  b: 2\n}", "b", "{\n  a: 1 // one\n}"],
  ["its own note stays", "{\n  a: 1, // one\n  b: 2, // two\n}", "b", "{\n  a: 1, // one\n  // two\n}"],
  ["commas in front", "{ a: 1\n, b: 2\n, c: 3 }", "b", "{ a: 1\n, c: 3 }"],
  ["an object on lines", "{\n  a: {\n    x: 1,\n  },\n  b: 2,\n}", "a", "{\n  b: 2,\n}"],
  ["an entry of a list", "{ a: [1, 2, 3] }", "a[1]", "{ a: [1, 3] }"],
  ["the first entry", "{ a: [1, 2] }", "a[0]", "{ a: [2] }"],
  ["what is not there", "{ a: 1 }", "b.c", "{ a: 1 }"],
  ["nothing in nothing", "", "a", ""],
])("unset: %s", (_name, text, at, expected) => {
  expect(unset(text, at)).toBe(expected);
});

// Documents whose every gap may hold blanks and comments, with either quote and with or without trailing commas.
const gap = fc.constantFrom(
  "",
  " ",
  "\n",
  "\n  ",
  " /* c */ ",
  " // d\n",
  "\t/* e\n f */",
  "\r\n    ",
  "\n // 'g\" {\n",
);
const key = fc.constantFrom("a", "b", "c", "'d e'", '"f"', "$g", '"h.i"');
const scalar = fc.constantFrom("1", "'x'", '"y\\"z"', "true", "-2.5", "0x1F", "'\\'q'", '"//no"', "''");

const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(key, tie("value"), gap, gap, gap), {
          selector: ([name]) => plain(name),
          maxLength: 4,
        }),
        fc.boolean(),
        gap,
      )
      .map(([members, comma, end]) =>
        items(
          "{}",
          members.map(([name, value, before, colon, after]) => `${before}${name}${colon}:${value}${after}`),
          { comma, end },
        ),
      ),
    fc
      .tuple(fc.array(fc.tuple(tie("value"), gap, gap), { maxLength: 4 }), fc.boolean(), gap)
      .map(([elements, comma, end]) =>
        items(
          "[]",
          elements.map(([value, before, after]) => `${before}${value}${after}`),
          { comma, end },
        ),
      ),
  ),
}));

function plain(name: string): string {
  return name.replace(/^['"]|['"]$/g, "");
}

function items(brackets: string, parts: string[], { comma, end }: { comma: boolean; end: string }): string {
  return `${brackets[0]}${parts.join(",")}${comma && parts.length > 0 ? "," : ""}${end}${brackets[1]}`;
}

const document = fc
  .tuple(
    gap,
    fc.uniqueArray(fc.tuple(key, anyValue, gap, gap), { selector: ([name]) => plain(name), maxLength: 4 }),
    fc.boolean(),
    gap,
    gap,
  )
  .map(
    ([start, members, comma, end, after]) =>
      start +
      items(
        "{}",
        members.map(([name, value, before, behind]) => `${before}${name}: ${value}${behind}`),
        { comma, end },
      ) +
      after,
  );

/** Every path of a value, with a new key and a new position beside the existing ones. */
function pathsOf(value: unknown, base: ConfigPath = []): ConfigPath[] {
  if (typeof value !== "object" || value === null) return [];
  const names = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  const fresh = Array.isArray(value) ? value.length : "new-key";
  return [
    [...base, fresh],
    ...names.flatMap((name) => [[...base, name], ...pathsOf(memberOf(value, name), [...base, name])]),
  ];
}

function valueOf(text: string): unknown {
  const parsed = parseText(text);
  if ("message" in parsed) throw new Error(`${parsed.message} in ${JSON.stringify(text)}`);
  return parsed.value;
}

/** Offsets of the value at a path. */
function spanAt(text: string, at: ConfigPath): [number, number] | undefined {
  const parsed = parseText(text);
  let node = "message" in parsed ? undefined : parsed.root;
  for (const segment of at)
    if (typeof segment === "string") node = node && findMember(node, segment)?.value;
    else node = node?.type === "Array" ? node.elements[segment]?.value : undefined;
  return node?.range;
}

function comments(text: string): string[] {
  return tokenize(text, { mode: "json5", ranges: true })
    .filter((token) => token.type.endsWith("Comment"))
    .map((token) => text.slice(...(token.range as [number, number])));
}

/** The value with one path set or removed, worked out without any text. */
function changed(value: unknown, at: ConfigPath, change: { to: unknown } | "removed"): unknown {
  const copy = structuredClone(value);
  const parent = valueAt(copy, at.slice(0, -1)) as Record<string | number, unknown>;
  const name = at.at(-1) ?? "";
  if (change !== "removed") parent[name] = change.to;
  else if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
  return copy;
}

/** True when `part` is what is left of `whole` after taking things out. */
function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const item of whole) if (item === part[at]) at++;
  return at === part.length;
}

const newValue = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.constant({ x: { "y z": ["'", '"'] } }),
);

test("set gives the value, changes nothing else and keeps every comment but those inside what it replaces", () => {
  fc.assert(
    fc.property(document, fc.nat(), newValue, (text, pick, value) => {
      const before = valueOf(text);
      const paths = pathsOf(before);
      const at = paths[pick % paths.length] ?? ["new-key"];
      const edited = setInText(text, at, value);
      if (!edited.ok) throw new Error(edited.reason);
      expect(valueOf(edited.text)).toEqual(changed(before, at, { to: value }));
      expect(isSubsequence(comments(edited.text), comments(text))).toBe(true);
      const span = spanAt(text, at);
      if (span !== undefined) {
        expect(edited.text.startsWith(text.slice(0, span[0]))).toBe(true);
        expect(edited.text.endsWith(text.slice(span[1]))).toBe(true);
      }
      if (valueAt(before, at) === undefined) {
        expect(comments(edited.text)).toEqual(comments(text));
        expect(isSubsequence(tokensOf(text), tokensOf(edited.text))).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test("unset removes only that: its tokens and one comma; every comment outside it stays", () => {
  fc.assert(
    fc.property(document, fc.nat(), (text, pick) => {
      const before = valueOf(text);
      const paths = pathsOf(before).filter((at) => valueAt(before, at) !== undefined);
      const at = paths[pick % paths.length];
      if (at === undefined) return;
      const edited = unsetInText(text, at);
      if (!edited.ok) throw new Error(edited.reason);
      expect(valueOf(edited.text)).toEqual(changed(before, at, "removed"));
      expect(isSubsequence(tokensOf(edited.text), tokensOf(text))).toBe(true);
      const [start, end] = spanAt(text, at) ?? [0, 0];
      const outside = [...comments(text.slice(0, start)), ...comments(text.slice(end))];
      const betweenKeyAndValue = typeof at.at(-1) === "string" ? 1 : 0;
      expect(comments(edited.text).length).toBeGreaterThanOrEqual(outside.length - betweenKeyAndValue);
    }),
    { numRuns: 3000 },
  );
});

test("set to what it is already changes no byte outside the value; unset after set of a new key gives the old text's tokens", () => {
  fc.assert(
    fc.property(document, newValue, (text, value) => {
      const added = setInText(text, ["new-key"], value);
      if (!added.ok) throw new Error(added.reason);
      const back = unsetInText(added.text, ["new-key"]);
      if (!back.ok) throw new Error(back.reason);
      expect(valueOf(back.text)).toEqual(valueOf(text));
      expect(comments(back.text)).toEqual(comments(text));
    }),
    { numRuns: 1000 },
  );
});

/** Every token's text, comments among them. */
function tokensOf(text: string): string[] {
  return tokenize(text, { mode: "json5", ranges: true }).map((token) =>
    text.slice(...(token.range as [number, number])),
  );
}
