// What an agent asks before it uses a tool, read from its request into a question that people can answer.
import type { ApprovalOption, ApprovalOptionKind, ApprovalRequest } from "../../model/approval.ts";
import { fieldsOf, itemsOf, textOf } from "./loose.ts";

/** More of it is not kept; what people are shown is shorter still. */
const LONGEST_DETAIL = 20_000;

const KINDS: readonly ApprovalOptionKind[] = ["allow_once", "allow_always", "reject_once", "reject_always"];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the parameters of a `session/request_permission`; `known` is what was told of the tool call before.
 * Undefined: it has no option that could be answered.
 */
export function parseApproval(params: unknown, known: Fields): ApprovalRequest | undefined {
  const { options, toolCall } = fieldsOf(params);
  const answers = itemsOf(options).map(fieldsOf).flatMap(readOption).filter(isFirstOfItsId);
  if (answers.length === 0) return undefined;
  const call = mergeCall(known, fieldsOf(toolCall));
  const command = readCommand(call["rawInput"]);
  const kind = textOf(call["kind"]) ?? "other";
  const name = toolName(call) ?? kind;
  const title = textOf(call["title"]) ?? command ?? name;
  const isProgram = command !== undefined || kind === "execute";
  return {
    title,
    toolKind: kind,
    // What is remembered of a program must hold for nothing else that the same tool could run.
    tool: isProgram ? `${name}: ${command ?? title}` : name,
    places: placesOf(call),
    detail: detailOf(call, command).slice(0, LONGEST_DETAIL),
    options: answers,
  };
}

/** What is told of a tool call with what is told of it anew; null and absent fields change nothing. */
export function mergeCall(known: Fields, news: Fields): Fields {
  const told = Object.entries(news).filter(([, value]) => value !== undefined && value !== null);
  return { ...known, ...Object.fromEntries(told) };
}

/** Two options of one id could not be told apart when one of them is chosen. */
function isFirstOfItsId({ id }: ApprovalOption, at: number, all: readonly ApprovalOption[]): boolean {
  return all.findIndex((option) => option.id === id) === at;
}

function readOption({ optionId, name, kind }: Fields): ApprovalOption[] {
  const id = textOf(optionId);
  const known = KINDS.find((one) => one === kind);
  return id === undefined || known === undefined ? [] : [{ id, label: textOf(name) ?? id, kind: known }];
}

/** Agents that know no `name` yet tell it in a field of their own. */
function toolName(call: Fields): string | undefined {
  const own = Object.values(fieldsOf(call["_meta"])).map((meta) => textOf(fieldsOf(meta)["toolName"]));
  return textOf(call["name"]) ?? own.find((name) => name !== undefined);
}

/** The command line of a program: a text, or its words. */
function readCommand(rawInput: unknown): string | undefined {
  const { command, cmd } = fieldsOf(rawInput);
  const words = command ?? cmd;
  if (!Array.isArray(words)) return textOf(words);
  return words.every((word) => typeof word === "string") && words.length > 0 ? joinWords(words) : undefined;
}

/** `sh -c SCRIPT` is its script; other words are quoted where they need it. */
function joinWords(words: readonly string[]): string {
  const [shell = "", flag = "", script] = words;
  if (words.length === 3 && script !== undefined && /(^|\/)(ba|z|da)?sh$/.test(shell) && /^-l?c$/.test(flag))
    return script;
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

function placesOf(call: Fields): readonly string[] {
  const told = itemsOf(call["locations"]).map((place) => textOf(fieldsOf(place)["path"]));
  const changed = diffsOf(call).map(({ path }) => textOf(path));
  return [...new Set([...told, ...changed].filter((path) => path !== undefined))];
}

function diffsOf(call: Fields): readonly Fields[] {
  return itemsOf(call["content"])
    .map(fieldsOf)
    .filter(({ type }) => type === "diff");
}

/** The command, else the changes, else what the agent says of it, else what the tool is given. */
function detailOf(call: Fields, command: string | undefined): string {
  if (command !== undefined) return command;
  const changes = diffsOf(call).map(renderDiff);
  if (changes.length > 0) return changes.join("\n");
  const said = itemsOf(call["content"]).flatMap((one) => {
    const text = textOf(fieldsOf(fieldsOf(one)["content"])["text"]);
    return text === undefined ? [] : [text];
  });
  if (said.length > 0) return said.join("\n");
  const input = call["rawInput"];
  if (typeof input !== "object" || input === null || Object.keys(input).length === 0) return "";
  return JSON.stringify(input);
}

/** The lines that go and the lines that come; what is alike before and behind them is left out. */
function renderDiff({ path, oldText, newText }: Fields): string {
  const [before, after] = [linesOf(oldText), linesOf(newText)];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  return [
    textOf(path) ?? "",
    ...before.slice(start, before.length - end).map((line) => `-${line}`),
    ...after.slice(start, after.length - end).map((line) => `+${line}`),
  ].join("\n");
}

/** A line end at the very end makes no further line. */
function linesOf(text: unknown): readonly string[] {
  if (typeof text !== "string" || text === "") return [];
  return text.replace(/\n$/, "").split("\n");
}
