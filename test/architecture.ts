// The walls of the house as checks on source text: import arrows, cycles, and what only certain files may do.
import { posix } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** Source text by path from the root, such as `src/rules/chunk.ts`. */
export type Tree = Readonly<Record<string, string>>;

const EDGE = ["model", "lib"];

/** What each folder of `src` may import beside itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  main: ["cli"],
  cli: ["gateway", "control", "model", "lib"],
  gateway: [
    "server",
    "control",
    "flow",
    "rules",
    "imsg",
    "agents",
    "store",
    "media",
    "config",
    "service",
    "model",
    "lib",
  ],
  server: ["control", "model", "lib"],
  control: ["rules", "config", "model", "lib"],
  flow: ["rules", "model", "lib"],
  rules: ["model"],
  imsg: EDGE,
  agents: EDGE,
  store: EDGE,
  media: EDGE,
  config: EDGE,
  service: EDGE,
  model: [],
  lib: [],
  simulator: ["lib"],
};

/** The stand-in shares nothing with the product's config, so it reads its own. */
const ENVIRONMENT_READERS = ["src/config/env.ts", "src/simulator/environment.ts"];

const VAGUE_NAMES = /^(?:utils?|helpers?|types?|common|misc)$/;
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MAX_LINES = 300;

/** Everything that is wrong with the tree, one sentence each, in the order of the paths. */
export function findViolations(tree: Tree): readonly string[] {
  const files = Object.keys(tree)
    .toSorted()
    .map((path) => readFile(path, tree[path] ?? ""));
  return [...files.flatMap((file) => checkFile(file, tree)), ...findCycles(files)];
}

interface SourceFile {
  readonly path: string;
  readonly source: string;
  readonly body: readonly Node[];
  /** Every node of the file, comments apart. */
  readonly nodes: readonly Node[];
  /** What it imports as text or as types, static or not: relative ones as paths from the root. */
  readonly imports: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

function checkFile(file: SourceFile, tree: Tree): readonly string[] {
  const isTest = file.path.endsWith(".test.ts");
  const found = [
    ...checkName(file),
    ...file.imports.flatMap((target) => checkImport(file, target, tree)),
    ...checkNodes(file),
  ];
  if (!file.source.startsWith("//") && !file.source.startsWith("#!") && !isTest)
    found.push("does not begin with a comment that says what it owns");
  if (file.body.length > 0 && file.body.every(isReExport))
    found.push("is a barrel: it only passes on exports");
  const lines = countLines(file.source);
  if (lines > MAX_LINES && !isTest) found.push(`has ${lines} lines of code, more than ${MAX_LINES}`);
  return found.map((what) => `${file.path} ${what}`);
}

function checkName({ path }: SourceFile): readonly string[] {
  const name = posix.basename(path).replace(/(?:(?:\.[a-z]+)?\.test)?\.ts$/, "");
  if (VAGUE_NAMES.test(name)) return [`has a name that says nothing`];
  return KEBAB_CASE.test(name) ? [] : ["is not named in kebab-case"];
}

function checkImport({ path }: SourceFile, target: string, tree: Tree): readonly string[] {
  const isTest = path.endsWith(".test.ts");
  const from = folderOf(path);
  if (target.endsWith(".test.ts")) return [`imports a test: ${target}`];
  if (target.startsWith("test/")) return isTest ? [] : [`imports ${target}, which only tests may`];
  if (!target.startsWith("src/")) {
    const isPure = from === "rules" && !isTest;
    return isPure && target.startsWith("node:") ? [`imports ${target}, but rules are pure`] : [];
  }
  if (!(target in tree)) return [`imports ${target}, which is not there`];
  const to = folderOf(target);
  const allowed = ARROWS[from];
  if (allowed === undefined) return [`is in a folder that the architecture does not know`];
  return to === from || allowed.includes(to) ? [] : [`imports ${target}: ${from} may not import ${to}`];
}

function checkNodes(file: SourceFile): readonly string[] {
  const found = new Set<string>();
  const isTest = file.path.endsWith(".test.ts");
  for (const node of file.nodes) {
    if (node.type === "ExportDefaultDeclaration") found.add("has a default export");
    if (readsEnvironment(node) && !isTest && !ENVIRONMENT_READERS.includes(file.path))
      found.add("reads process.env, which only the environment's own file may");
    if (folderOf(file.path) === "rules" && !isTest && isImpure(node))
      found.add("waits, or takes the time or chance by itself, but rules are pure");
  }
  return [...found];
}

/** `process.env`, `process["env"]`, `globalThis.process.env`, `const { env } = process`, `import { env } from "node:process"`. */
function readsEnvironment(node: Node): boolean {
  if (node.type === "MemberExpression") return memberName(node) === "env" && isProcess(node["object"]);
  if (node.type === "VariableDeclarator")
    return isProcess(node["init"]) && patternKeys(node["id"]).some((key) => key === "env" || key === "...");
  if (node.type !== "ImportDeclaration") return false;
  const { value } = node["source"] as { value: string };
  const names = (node["specifiers"] as readonly Node[]).map((one) => nameOf(one["imported"]));
  return /^(?:node:)?process$/.test(value) && names.includes("env");
}

function isProcess(node: unknown): boolean {
  return nameOf(node) === "process" || (isNode(node) && memberName(node) === "process");
}

function patternKeys(pattern: unknown): readonly (string | undefined)[] {
  if (!isNode(pattern) || pattern.type !== "ObjectPattern") return [];
  return (pattern["properties"] as readonly Node[]).map((property) =>
    property.type === "RestElement" ? "..." : nameOf(property["key"]),
  );
}

function isImpure(node: Node): boolean {
  if (node.type === "AwaitExpression" || node["async"] === true) return true;
  if (node.type === "NewExpression")
    return nameOf(node["callee"]) === "Date" && (node["arguments"] as readonly unknown[]).length === 0;
  const member = node.type === "MemberExpression" ? `${nameOf(node["object"])}.${memberName(node)}` : "";
  return ["Date.now", "Math.random", "performance.now"].includes(member);
}

function memberName(node: Node): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const property = node["property"];
  if (node["computed"] !== true) return nameOf(property);
  return isNode(property) && typeof property["value"] === "string" ? property["value"] : undefined;
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && typeof node["name"] === "string" ? node["name"] : undefined;
}

function isReExport(node: Node): boolean {
  if (node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration") return true;
  return node.type === "ExportNamedDeclaration" && node["declaration"] === null;
}

/** The rings of files that import each other, each told once. */
function findCycles(files: readonly SourceFile[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const from = trail.indexOf(path);
    if (from !== -1) cycles.push(`${[...trail.slice(from), path].join(" → ")} is a cycle`);
    if (from !== -1 || done.has(path)) return;
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return cycles;
}

function readFile(path: string, source: string): SourceFile {
  const { body } = parseAst(source, { lang: "ts" }) as unknown as { body: readonly Node[] };
  const nodes = body.flatMap(allNodes);
  const imports = nodes
    .map(importedText)
    .filter((text) => text !== undefined)
    .map((text) => (text.startsWith(".") ? posix.join(posix.dirname(path), text) : text));
  return { path, source, body, nodes, imports: [...new Set(imports)] };
}

/** What a node imports: `import`, `export … from`, `import()`, and `import("…")` as a type. */
function importedText(node: Node): string | undefined {
  if (!/^(?:Import|Export(?:All|Named))Declaration$|^ImportExpression$|^TSImportType$/.test(node.type))
    return undefined;
  const source = node["source"];
  if (!isNode(source)) return undefined;
  if (typeof source["value"] === "string") return source["value"];
  const [quasi, ...more] = (source["quasis"] ?? []) as readonly { value: { cooked: string } }[];
  return more.length === 0 ? quasi?.value.cooked : undefined;
}

function allNodes(node: Node): readonly Node[] {
  const children = Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return [node, ...children.filter(isNode).flatMap(allNodes)];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** `rules` for `src/rules/chunk.ts`; `main` for `src/main.ts`. */
function folderOf(path: string): string {
  return /^src\/([^/]+?)(?:\/|\.ts$)/.exec(path)?.[1] ?? "";
}

/** Lines that are neither blank nor a comment of their own. */
function countLines(source: string): number {
  const withoutBlocks = source.replace(/^\s*\/\*[^]*?\*\/\s*$/gm, "");
  return withoutBlocks.split("\n").filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;
}
