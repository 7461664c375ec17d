// `/config show|get|set|unset|undo`: the config file from the phone, under the limits that no chat can lift.
import type { ConfigChange } from "../../config/edit/change.ts";
import { getConfig, setConfig, undoConfig, unsetConfig } from "../../config/edit/operations.ts";
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import { renderConfigValue } from "../../config/read/render.ts";
import type { CommandAnswer } from "../../model/command.ts";
import { readAssignment, straighten } from "./assignment.ts";
import { say, shorten, type Asked } from "./answer.ts";

const DISABLED = "⚠️ /config is disabled. Set commands.config=true to enable.";
const READ_ONLY =
  "⚠️ Config writes are disabled for imessage. Set channels.imessage.configWrites=true to enable.";
const HOW_TO_WRITE =
  "Write a path such as channels.imessage.allowFrom[0], and a value as a bare text or as JSON5.";
const OF_A_SHELL = /shell|`coderclaw /u;
const USAGE = "Use /config show, get PATH, set PATH VALUE, unset PATH or undo.";

/** `show`, `get`, …; empty where nothing is asked. */
export function readConfigVerb(args: string): string {
  return splitVerb(args).verb;
}

function splitVerb(args: string): { readonly verb: string; readonly rest: string } {
  const [, verb = "", rest = ""] = /^\s*(\S*)\s*([^]*)$/.exec(args) ?? [];
  return { verb: verb.toLowerCase(), rest: rest.trim() };
}

/** `/config`. */
export async function config(asked: Asked): Promise<CommandAnswer> {
  if (!asked.settings.commands.config) return say(DISABLED);
  const { verb, rest } = splitVerb(asked.command.command.args);
  const { path } = readAssignment(rest);
  try {
    return await carryOut(asked, verb, rest);
  } catch (thrown) {
    throw inChat(toGatewayError(thrown), path);
  }
}

async function carryOut(asked: Asked, verb: string, rest: string): Promise<CommandAnswer> {
  if (verb === "show" || (verb === "get" && rest !== "")) return show(asked, straighten(rest));
  if (!["set", "unset", "undo"].includes(verb)) return say(USAGE);
  if (!mayWrite(asked)) return say(READ_ONLY);
  if (verb === "set") return set(asked, rest);
  if (verb === "undo") return undo(asked);
  return rest === "" ? say(USAGE) : unset(asked, straighten(rest));
}

/** An error as a phone can use it: it names the path, and does not speak of a shell. */
function inChat(error: GatewayError, path: string): GatewayError {
  const { code, details, effect, cause } = error;
  if (code === "internal/bug") return error;
  const isOfPath = !error.message.includes(path) && details["standing"] !== true;
  const message = isOfPath ? `${path}: ${error.message}` : error.message;
  const hint = code === "cli/usage" && OF_A_SHELL.test(error.hint) ? HOW_TO_WRITE : error.hint;
  return new GatewayError(code, message, { hint, details, effect, cause });
}

function mayWrite({ command, settings }: Asked): boolean {
  return settings.accounts.find(({ id }) => id === command.accountId)?.configWrites === true;
}

async function show({ config }: Asked, path: string): Promise<CommandAnswer> {
  const found = await getConfig(path === "" ? undefined : path, config);
  if (found.value === undefined)
    return say(path === "" ? "The config file says nothing." : `${found.path} is not set.`);
  const origin = found.isSet ? "" : ` (not set; ${found.defaultText ?? "the default"})`;
  const head = found.path === "" ? "" : `${found.path}${origin}:\n`;
  return say(shorten(`${head}${render(found.value)}`, "Ask for a part with /config get PATH."));
}

async function set({ config }: Asked, text: string): Promise<CommandAnswer> {
  const { path, value } = readAssignment(text);
  if (value === "") return say(`${path === "" ? "" : `${path}: `}the value is missing. ${USAGE}`);
  const change = await setConfig(path, value, { ...config, fromChat: true });
  const now = `${change.path} is ${render(change.after)}`;
  return say(change.changed ? tell(change, `${now}\n/config undo takes it back.`) : `${now} already.`);
}

async function unset({ config }: Asked, path: string): Promise<CommandAnswer> {
  const change = await unsetConfig(path, { ...config, fromChat: true });
  if (!change.changed) return say(`${change.path} was not set.`);
  return say(tell(change, `${change.path} is not set any more.\n/config undo takes it back.`));
}

async function undo({ config }: Asked): Promise<CommandAnswer> {
  const change = await undoConfig({ ...config, fromChat: true });
  const what = change.paths.length === 0 ? "only comments and blanks differed" : change.paths.join(", ");
  return say(tell(change, `The last change is undone: ${what}.\n/config undo makes it again.`));
}

/** A text of nothing would not be seen. */
function render(value: unknown): string {
  return value === "" ? '""' : renderConfigValue(value);
}

/** What was done, with what is wrong with it although it is valid. */
function tell({ path, warnings, keptOwners }: ConfigChange, text: string): string {
  const mine = warnings.filter((warning) => warning.path.startsWith(path));
  const owners =
    keptOwners === undefined
      ? []
      : [`This makes nobody an owner: commands.ownerAllowFrom is now ${keptOwners.join(", ")}.`];
  return [shorten(text, "…"), ...owners, ...mine.map((one) => `⚠️ ${one.path}: ${one.message}`)].join("\n");
}
