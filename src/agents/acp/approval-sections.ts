// All that an agent tells of a tool call, piece by piece: program, folder, environment, every other field of its input, files, changes.
import type { ApprovalSection } from "../../model/approval.ts";
import { changesOf, placesOf } from "./changes.ts";
import { fieldsOf, itemsOf, textOf, type Fields } from "./loose.ts";
import { readProgram } from "./program.ts";

const FOLDERS = new Set([
  "cwd",
  "workdir",
  "working_dir",
  "workingdir",
  "working_directory",
  "workingdirectory",
]);
const ENVIRONMENTS = new Set(["env", "environment"]);
/** Names that an agent gives the call itself; they say nothing of what it does. */
const CALL_IDS = new Set(["call_id", "callid", "tool_call_id", "toolcallid", "turn_id", "turnid"]);

/** The sections of a tool call. What another section says word for word is left out, and nothing else. */
export function sectionsOf(call: Fields): readonly ApprovalSection[] {
  const input = inputOf(call);
  const program = readProgram(input);
  const changes = changesOf(call);
  const said = new Set(changes.flatMap(({ path, oldText, newText }) => [path, oldText, newText]));
  const files = placesOf(call).filter((path) => !changes.some((change) => change.path === path));
  const isShown = (value: unknown): boolean =>
    typeof value === "string" && value !== "" && (said.has(value) || files.includes(value));
  const fields = Object.entries(input)
    .filter(([name, value]) => program?.fields.includes(name) !== true && !isShown(value))
    .map(([name, value]) => fieldSection(name, value));
  return [
    ...(program ? [{ name: "command", text: program.command }] : []),
    ...(program?.shell === undefined ? [] : [{ name: "shell", text: program.shell }]),
    ...fields.filter(({ name }) => name === "folder" || name === "environment"),
    ...files.map((path) => ({ name: "file", text: path })),
    ...fields.filter(({ name }) => name !== "folder" && name !== "environment"),
    ...changes.map(({ path, lines }) => ({ name: `changes to ${path}`, text: lines.join("\n") })),
    ...detailsOf(call),
  ];
}

/** What the tool is given, without the names of the call itself. */
export function inputOf(call: Fields): Fields {
  const input = call["rawInput"];
  if (typeof input === "string" && input !== "") return { input };
  if (Array.isArray(input) && input.length > 0) return { input };
  const told = Object.entries(fieldsOf(input));
  return Object.fromEntries(
    told.filter(([name, value]) => {
      const isNothing = value === undefined || value === null;
      return !isNothing && !(CALL_IDS.has(name.toLowerCase()) && typeof value === "string");
    }),
  );
}

function fieldSection(name: string, value: unknown): ApprovalSection {
  const plain = name.toLowerCase();
  if (FOLDERS.has(plain)) return { name: "folder", text: textFor(value) };
  if (ENVIRONMENTS.has(plain)) return { name: "environment", text: environmentText(value) };
  return { name, text: textFor(value) };
}

/** `NAME=value`, a line each. A value that would be more than a line is written as JSON. */
function environmentText(value: unknown): string {
  const entries = Object.entries(fieldsOf(value));
  if (entries.length === 0 || entries.some(([, one]) => typeof one !== "string")) return textFor(value);
  return entries
    .map(([name, one]) => `${name}=${/[\n"\\]/.test(one as string) ? JSON.stringify(one) : (one as string)}`)
    .join("\n");
}

function textFor(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "(it is nested too deeply to be shown)";
  }
}

/** What the agent says of it beside. */
function detailsOf(call: Fields): readonly ApprovalSection[] {
  return itemsOf(call["content"]).flatMap((one) => {
    const text = textOf(fieldsOf(fieldsOf(one)["content"])["text"]);
    return text === undefined ? [] : [{ name: "details", text }];
  });
}
