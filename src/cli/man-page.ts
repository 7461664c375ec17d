// The manual page of the whole command line, rendered from the commands as roff.
import type { Command } from "commander";

const FILES: readonly (readonly [path: string, what: string])[] = [
  ["~/.coderclaw/coderclaw.json", "the config (JSON5); CODERCLAW_CONFIG_PATH or --config names another one"],
  ["~/.coderclaw/state.db", "messages, pairings, sessions and everything on its way out"],
  ["~/.coderclaw/service.env", "variables of the background service, NAME=value lines"],
];

const EXIT_CODES: readonly (readonly [code: string, what: string])[] = [
  ["0", "done"],
  ["1", "it failed"],
  ["2", "the command line was not understood"],
  ["3", "the config is not valid"],
  ["4", "the gateway is not running, and the command needs it"],
];

/** Renders the page. Contract: the same commands give the same bytes. */
export function renderManPage(program: Command, version: string): string {
  return [
    `.TH CODERCLAW 1 "" "coderclaw ${text(version)}" "CoderClaw"`,
    ".SH NAME",
    "coderclaw \\- text your coding agents over Apple Messages",
    ".SH SYNOPSIS",
    ".B coderclaw",
    "[\\fIcommand\\fR] [\\fIoptions\\fR]",
    ".SH DESCRIPTION",
    text(program.description()),
    ".SH COMMANDS",
    ...program.commands.flatMap((command) => renderCommand(command, ["coderclaw"])),
    ".SH OPTIONS",
    ...program.options.flatMap(({ flags, description }) => item(flags, description)),
    ".SH FILES",
    ...FILES.flatMap(([path, what]) => item(path, what)),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, what]) => item(code, what)),
    "",
  ].join("\n");
}

function renderCommand(command: Command, above: readonly string[]): readonly string[] {
  const path = [...above, command.name()];
  if (command.commands.length > 0) return command.commands.flatMap((one) => renderCommand(one, path));
  const operands = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [
    `.SS "${text([...path, ...operands].join(" "))}"`,
    ...command
      .description()
      .split("\n")
      .flatMap((line) => [text(line), ".br"])
      .slice(0, -1),
    ...command.registeredArguments.flatMap((argument) => item(argument.name(), argument.description)),
    ...command.options
      .filter(({ hidden }) => !hidden)
      .flatMap(({ flags, description }) => item(flags, description)),
  ];
}

function item(term: string, what: string): readonly string[] {
  return [".TP", `.B "${text(term)}"`, text(what)];
}

/** A text that roff shows as it is: no escapes, no requests at the start of a line, real hyphens. */
function text(raw: string): string {
  const escaped = raw
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replaceAll("\n", " ");
  return /^[.']/u.test(escaped) ? `\\&${escaped}` : escaped;
}
