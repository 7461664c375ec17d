// The configuration reference page, generated from the schema: nothing in it is written twice.
import * as z from "zod/mini";
import { configSchema } from "./schema.ts";
import { childOf, definitionOf, factsOf, shapeOf, unwrap } from "./walk.ts";

type Node = z.core.$ZodType;

/** One key in a table. */
interface Row {
  readonly path: string;
  readonly node: Node;
}

const HEADINGS: Readonly<Record<string, string>> = { channels: "iMessage" };

const INTRO = `# Configuration reference

<!-- Generated from the schema by \`node scripts/write-reference.ts\`; do not edit. -->

The file is \`coderclaw.json\` in the state folder (\`~/.coderclaw\`, or \`CODERCLAW_STATE_DIR\`), or the file that
\`CODERCLAW_CONFIG_PATH\` or \`--config\` names. It is JSON5: comments, trailing commas and bare keys are welcome. Without a
file the defaults below are in force.

- \`~\` is your home folder wherever a path is read. Relative paths start at the folder of the file. \`cliPath\` without a
  slash is looked up on \`PATH\`. A \`dbPath\` that starts with \`~\` is handed on as written when \`cliPath\` is a script that
  uses SSH: it is the home there that is meant.
- \`\${NAME}\` in a text takes an environment variable; \`$\${NAME}\` is the text itself. Such values, and keys marked secret,
  are printed as \`••••\`.
- Unknown keys are errors, and so are keys that another key makes useless: none does nothing in silence.
- The running gateway watches the file. A valid change is applied at once; an invalid one is reported and changes nothing.
- \`/config set\` in chat never changes what runs programs, moves files or opens doors: \`cliPath\`, \`dbPath\`, \`remoteHost\`,
  \`*Roots\`, \`runtime\` and \`workspace\` of agents, \`gateway\`, \`store\`, \`commands\`. Nor does it add, remove or rename accounts
  or agents, choose the default agent, or write \`\${NAME}\`.

\`\`\`json5
{
  channels: { imessage: { allowFrom: ["+15551234567"] } },
  agents: { list: [{ id: "main", runtime: { type: "command", command: ["my-agent", "--once"] } }] },
}
\`\`\`

Print, change and check it with \`coderclaw config get|set|unset|undo|validate\`; \`coderclaw config schema\` prints a JSON
Schema for editors.
`;

const IMESSAGE_NOTE = `For one account of several the keys are those of \`accounts.ID\`: what the account does not set is the channel's, and what
the channel does not set is the default. Lists, \`groups\` and \`dms\` replace each other, they are not merged. Without \`accounts\` there is one
account, \`default\`.
`;

/** The whole page, as Markdown. */
export function renderReference(): string {
  const sections = Object.entries(shapeOf(configSchema))
    .filter(([name]) => name !== "$schema")
    .map(([name, node]) => renderSection(name, node));
  return [INTRO, ...sections, renderRuntimes()].join("\n");
}

function renderSection(name: string, node: Node): string {
  const isChannel = name === "channels";
  const base = isChannel ? "channels.imessage" : name;
  const from = isChannel ? childOf(node, "imessage") : node;
  const heading = HEADINGS[name] ?? `${name[0]?.toUpperCase()}${name.slice(1)}`;
  return [
    `## ${heading}\n`,
    `\`${base}\`. ${sentence((from && factsOf(from)?.description) ?? name)}\n`,
    ...(isChannel ? [IMESSAGE_NOTE] : []),
    renderKeys(from === undefined ? [] : rowsOf(from, "")),
  ].join("\n");
}

function renderRuntimes(): string {
  const runtime = ["agents", "defaults", "runtime"].reduce<Node | undefined>(
    (node, name) => node && childOf(node, name),
    configSchema,
  );
  const definition = runtime && definitionOf(runtime);
  if (definition?.type !== "union") return "";
  const tables = definition.options.map((option) => {
    const type = shapeOf(option)["type"];
    const rows = rowsOf(option, "").filter((row) => row.path !== "type");
    const title = `### \`{ type: ${type && typeWords(type)} }\`\n\n${sentence((type && factsOf(type)?.description) ?? "")}\n`;
    return rows.length === 0 ? title : `${title}\n${renderKeys(rows)}`;
  });
  return ["## Runtimes\n", ...tables].join("\n");
}

/** The keys under a node: sections and maps are opened, unions and accounts (their keys are those of the channel) are not. */
function rowsOf(node: Node, base: string): Row[] {
  const definition = definitionOf(node);
  if (definition.type === "array" && definitionOf(definition.element).type === "object")
    return rowsOf(definition.element, `${base}[]`);
  if (definition.type === "record") {
    const path = `${base}.${factsOf(node)?.entryName}`;
    const isOpen = base !== "accounts" && definitionOf(definition.valueType).type === "object";
    return [{ path, node }, ...(isOpen ? rowsOf(definition.valueType, path) : [])];
  }
  if (definition.type !== "object") return [{ path: base, node }];
  return Object.entries(definition.shape).flatMap(([name, child]) => {
    const path = base === "" ? name : `${base}.${name}`;
    return rowsOf(child, path);
  });
}

function renderKeys(rows: readonly Row[]): string {
  const head = ["| key | type | default | meaning |", "|---|---|---|---|"];
  return [...head, ...rows.map(renderRow), ""].join("\n");
}

function renderRow({ path, node }: Row): string {
  const facts = factsOf(node);
  const isRequired = definitionOf(node) === node._zod.def;
  const written = facts?.default === undefined ? undefined : `\`${JSON.stringify(facts.default)}\``;
  const fallback = facts?.defaultText ?? written ?? (isRequired ? "required" : "–");
  const meaning = `${facts?.description ?? ""}${facts?.secret ? " (secret)" : ""}`;
  const cells = [`\`${path}\``, typeWords(node), fallback, meaning];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function typeWords(node: Node): string {
  const definition = definitionOf(node);
  switch (definition.type) {
    case "string":
      return "text";
    case "boolean":
      return "true, false";
    case "enum":
      return Object.values(definition.entries)
        .map((value) => `\`${value}\``)
        .join(", ");
    case "literal":
      return definition.values.map((value) => JSON.stringify(value)).join(", ");
    case "number":
      return numberWords(node);
    case "array":
      return "list";
    case "tuple":
      return "list, not empty";
    case "record":
      return recordWords(definition.valueType);
    case "union":
      return "[runtime](#runtimes)";
    default:
      return "object";
  }
}

function recordWords(entry: Node): string {
  if (definitionOf(entry).type === "array") return "list";
  if (definitionOf(entry).type === "string") return "text";
  return Object.hasOwn(shapeOf(entry), "cliPath") ? "the keys of this table" : "the keys below";
}

/** The kind and bounds of a number; the bound that only keeps a timer from overflowing is not worth a word. */
function numberWords(node: Node): string {
  const { type, minimum, maximum, exclusiveMinimum } = z.toJSONSchema(unwrap(node));
  const kind = type === "integer" ? "whole number" : "number";
  const low = exclusiveMinimum === undefined ? `from ${minimum}` : `over ${exclusiveMinimum}`;
  return maximum !== undefined && maximum < 1_000_000 ? `${kind}, ${low} to ${maximum}` : `${kind}, ${low}`;
}

function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}
