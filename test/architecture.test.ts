import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";
import { findViolations, type Tree } from "./architecture.ts";

const root = join(import.meta.dirname, "..");

test("the house keeps its walls", () => {
  const paths = globSync("src/**/*.ts", { cwd: root });
  expect(paths.length).toBeGreaterThan(50);
  const tree = Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
  expect(findViolations(tree)).toEqual([]);
});

test("a running gateway has loaded every part it may ever need", async () => {
  const [gateway, preload] = ["src/gateway/run.ts", "src/gateway/preload.ts"].map((path) => join(root, path));
  const modules = new Map<string, { readonly now: readonly string[]; readonly later: readonly string[] }>();
  const bundle = await rolldown({
    cwd: root,
    input: gateway ?? "",
    platform: "node",
    plugins: [
      {
        name: "graph",
        buildEnd() {
          for (const id of this.getModuleIds()) {
            const info = this.getModuleInfo(id);
            if (info) modules.set(id, { now: info.importedIds, later: info.dynamicallyImportedIds });
          }
        },
      },
    ],
  });
  await bundle.generate();
  await bundle.close();
  const started = modules.get(preload ?? "")?.later ?? [];
  expect(started.length).toBeGreaterThan(10);
  const loaded = new Set([gateway ?? "", ...started]);
  for (const id of loaded) for (const other of modules.get(id)?.now ?? []) loaded.add(other);
  const later = [...loaded].flatMap((id) => modules.get(id)?.later ?? []);
  const missing = later.filter((id) => !loaded.has(id) && !id.startsWith("node:"));
  expect(missing, "add them to src/gateway/preload.ts").toEqual([]);
});

describe("each check can fail", () => {
  const text = (...lines: string[]): string => ["// Owns something.", ...lines].join("\n");
  const a = text("export const a = 1;");
  const importing = (path: string): string => text(`import { a } from "${path}";`, "export const b = a;");

  /** A tree, and what is found in it. */
  const table: readonly [string, Tree, string[]][] = [
    ["a tree that is right", { "src/lib/a.ts": a, "src/flow/b.ts": importing("../lib/a.ts") }, []],
    [
      "against the arrows",
      { "src/flow/a.ts": a, "src/lib/b.ts": importing("../flow/a.ts") },
      ["src/lib/b.ts imports src/flow/a.ts: lib may not import flow"],
    ],
    [
      "one edge to another",
      { "src/store/a.ts": a, "src/imsg/deep/b.ts": importing("../../store/a.ts") },
      ["src/imsg/deep/b.ts imports src/store/a.ts: imsg may not import store"],
    ],
    [
      "the product's code in the stand-in",
      { "src/model/a.ts": a, "src/simulator/b.ts": importing("../model/a.ts") },
      ["src/simulator/b.ts imports src/model/a.ts: simulator may not import model"],
    ],
    [
      "types only",
      {
        "src/flow/a.ts": text("export type A = 1;"),
        "src/rules/b.ts": text('import type { A } from "../flow/a.ts";', "export type B = A;"),
      },
      ["src/rules/b.ts imports src/flow/a.ts: rules may not import flow"],
    ],
    [
      "types in place",
      { "src/flow/a.ts": a, "src/rules/b.ts": text('export type B = import("../flow/a.ts").A;') },
      ["src/rules/b.ts imports src/flow/a.ts: rules may not import flow"],
    ],
    [
      "on demand",
      { "src/flow/a.ts": a, "src/lib/b.ts": text("export const b = async () => import(`../flow/a.ts`);") },
      ["src/lib/b.ts imports src/flow/a.ts: lib may not import flow"],
    ],
    [
      "passed on",
      {
        "src/flow/a.ts": a,
        "src/lib/b.ts": text('export { a } from "../flow/a.ts";', "export const b = 2;"),
      },
      ["src/lib/b.ts imports src/flow/a.ts: lib may not import flow"],
    ],
    [
      "main imports a command and nothing else",
      { "src/lib/a.ts": a, "src/main.ts": importing("./lib/a.ts") },
      ["src/main.ts imports src/lib/a.ts: main may not import lib"],
    ],
    [
      "a file that is not there",
      { "src/flow/b.ts": importing("../lib/gone.ts") },
      ["src/flow/b.ts imports src/lib/gone.ts, which is not there"],
    ],
    [
      "a folder nobody drew",
      { "src/core/a.ts": a, "src/core/b.ts": importing("./a.ts") },
      ["src/core/b.ts is in a folder that the architecture does not know"],
    ],
    [
      "test code in the product",
      { "src/lib/b.ts": importing("../../test/contracts/a.ts") },
      ["src/lib/b.ts imports test/contracts/a.ts, which only tests may"],
    ],
    ["a contract in a test", { "src/lib/b.test.ts": importing("../../test/contracts/a.ts") }, []],
    [
      "a test that is imported",
      { "src/lib/a.test.ts": a, "src/lib/b.ts": importing("./a.test.ts") },
      ["src/lib/b.ts imports a test: src/lib/a.test.ts"],
    ],
    [
      "a test keeps the arrows too",
      { "src/flow/a.ts": a, "src/lib/b.test.ts": importing("../flow/a.ts") },
      ["src/lib/b.test.ts imports src/flow/a.ts: lib may not import flow"],
    ],
    [
      "a cycle of types",
      {
        "src/lib/a.ts": text('import type { B } from "./b.ts";', "export type A = B;"),
        "src/lib/b.ts": text('import type { C } from "./c.ts";', "export type B = C;"),
        "src/lib/c.ts": text('import type { A } from "./a.ts";', "export type C = A;"),
      },
      ["src/lib/a.ts → src/lib/b.ts → src/lib/c.ts → src/lib/a.ts is a cycle"],
    ],
    ["process.env in its place", { "src/config/env.ts": text("export const e = process.env;") }, []],
    ...[
      "export const e = process.env;",
      'export const e = process["env"];',
      "export const e = globalThis.process.env.HOME;",
      "export const { env } = process;",
      "export const { ...all } = process;",
      'import { env } from "node:process"; export const e = env;',
    ].map((line): [string, Tree, string[]] => [
      line,
      { "src/flow/a.ts": text(line) },
      ["src/flow/a.ts reads process.env, which only the environment's own file may"],
    ]),
    [
      "a word in a comment or a text",
      { "src/flow/a.ts": text('export const a = "process.env"; // process.env') },
      [],
    ],
    [
      "a default export",
      { "src/lib/a.ts": text("export default 1;") },
      ["src/lib/a.ts has a default export"],
    ],
    [
      "a barrel",
      {
        "src/lib/a.ts": a,
        "src/lib/b.ts": text('export * from "./a.ts";'),
        "src/lib/c.ts": text('import { a } from "./a.ts";', "export { a };"),
      },
      [
        "src/lib/b.ts is a barrel: it only passes on exports",
        "src/lib/c.ts is a barrel: it only passes on exports",
      ],
    ],
    ...["utils", "helpers", "types", "util"].map((name): [string, Tree, string[]] => [
      `a file named ${name}`,
      { [`src/lib/${name}.ts`]: a },
      [`src/lib/${name}.ts has a name that says nothing`],
    ]),
    ["a test of a certain kind", { "src/lib/a.property.test.ts": a }, []],
    ["camels", { "src/lib/keyedQueue.ts": a }, ["src/lib/keyedQueue.ts is not named in kebab-case"]],
    [
      "a file of two jobs",
      { "src/lib/a.ts": text(...Array.from({ length: 301 }, (_, index) => `export const a${index} = 1;`)) },
      ["src/lib/a.ts has 301 lines of code, more than 300"],
    ],
    [
      "comments and blank lines are no code",
      {
        "src/lib/a.ts": text(
          ...Array.from(
            { length: 150 },
            (_, index) => `/**\n * Says so.\n */\n\n// And so.\nexport const a${index} = 1;`,
          ),
        ),
      },
      [],
    ],
    [
      "no first line",
      { "src/lib/a.ts": "export const a = 1;" },
      ["src/lib/a.ts does not begin with a comment that says what it owns"],
    ],
    ...[
      "export const a = async () => 1;",
      "export const a = Date.now();",
      "export const a = new Date();",
      "export const a = Math.random();",
    ].map((line): [string, Tree, string[]] => [
      `in a rule: ${line}`,
      { "src/rules/a.ts": text(line) },
      ["src/rules/a.ts waits, or takes the time or chance by itself, but rules are pure"],
    ]),
    [
      "a rule that reaches out",
      { "src/rules/a.ts": text('import { randomInt } from "node:crypto";', "export const a = randomInt;") },
      ["src/rules/a.ts imports node:crypto, but rules are pure"],
    ],
  ];
  test.each(table)("%s", (_, tree, expected) => {
    expect(findViolations(tree)).toEqual(expected);
  });
});
