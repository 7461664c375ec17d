// Tells from the text of a wrapper script which machine its ssh goes to. Nothing is run, and no command of it is evaluated.
import { isRemoteUser, parseHost, parsePort } from "../../model/remote-host.ts";
import type { RemoteHost } from "../../model/settings.ts";
import { readShellScript, type ShellCommand, type Word } from "./shell-script.ts";
import { ShellVariables, type Field } from "./shell-variables.ts";

/** Where a wrapper's ssh goes. */
export interface WrapperHost {
  readonly remote: RemoteHost;
  readonly identityFile: string | undefined;
  /** What copies by ssh need too, one word each: `-F file`, `-J jump` and some of `-o`. */
  readonly options: readonly string[];
}

/** What a text says: no word of ssh, a host, or a line that could not be understood. */
export type WrapperReading =
  | { readonly kind: "no-ssh" }
  | { readonly kind: "host"; readonly host: WrapperHost }
  | { readonly kind: "unclear"; readonly line: number; readonly because: string };

/** What one command says. `isDoubt`: it counts only where no other command is a call of ssh. */
type Found = Exclude<WrapperReading, { kind: "no-ssh" }> & { readonly isDoubt?: true };

/** Reads a script. `environment` is what it would be run with. Contract: never throws; linear in the text. */
export function readWrapper(
  text: string,
  environment: (name: string) => string | undefined = () => undefined,
): WrapperReading {
  if (!/ssh/iu.test(text)) return { kind: "no-ssh" };
  const interpreter = /^#!\s*(\S+)(?:[ \t]+(\S+))?/u.exec(text.slice(0, 200));
  const language = interpreter?.slice(1, 3).join(" ");
  if (language !== undefined && !/(?:^|[\s/])(?:ba|da|k|z|a)?sh\b/u.test(language))
    return unclear(1, "it is no shell script");
  const { commands, stop } = readShellScript(text);
  const found = findHosts(commands, new ShellVariables(environment));
  if (stop !== undefined) found.push(unclear(stop.line, `${stop.because} is not followed`));
  const [first = found[0], ...more] = found.filter(({ isDoubt }) => isDoubt !== true);
  if (first === undefined) return { kind: "no-ssh" };
  const odd = [first, ...more].find(({ kind }) => kind === "unclear");
  if (odd?.kind === "unclear") return unclear(odd.line, odd.because);
  const other = more.some((each) => JSON.stringify(each) !== JSON.stringify(first));
  return other
    ? unclear(commands.findLast(mentionsSsh)?.line ?? 1, "ssh goes to more than one machine")
    : first;
}

const OPENS = /^(?:if|while|until|for|case|select|\{|function)$/u;
const CLOSES = /^(?:fi|done|esac|\})$/u;
const CONTINUES = /^(?:then|else|elif|do|!|time)$/u;

function findHosts(commands: readonly ShellCommand[], variables: ShellVariables): Found[] {
  const found: Found[] = [];
  let depth = 0;
  for (const command of commands) {
    const words = [...command.words];
    // A function's body is behind `()`, a subshell's in `(`: what is set there may not be.
    const isWithin = () => depth > 0 || /[&|()]/u.test(command.before);
    for (let word = literal(words[0]); word !== undefined; word = literal(words[0])) {
      if (OPENS.test(word)) depth += 1;
      else if (CLOSES.test(word)) depth = Math.max(0, depth - 1);
      else if (!CONTINUES.test(word)) break;
      words.shift();
      if (/^(?:for|case|select|function)$/u.test(word)) {
        const name = literal(words[0]);
        if (name !== undefined) variables.forget(name);
        words.length = 0;
      }
    }
    const rest = assignAll({ ...command, words }, variables, !isWithin());
    const reading = rest.words.length === 0 ? undefined : readCommand(rest, variables);
    if (reading !== undefined) found.push(reading);
  }
  return found;
}

/** Takes `NAME=value …` and `export NAME=value …`; answers what is left to be run. */
function assignAll(command: ShellCommand, variables: ShellVariables, isCertain: boolean): ShellCommand {
  const words = [...command.words];
  const verb = literal(words[0]);
  const declares = verb !== undefined && /^(?:export|readonly|declare|typeset|local)$/u.test(verb);
  if (declares) words.shift();
  const count = words.findIndex((word) => !isAssignment(word) && !(declares && isOption(word)));
  const assignments = count === -1 ? words : words.slice(0, count);
  // In front of a command they are of its environment only.
  if (declares || count === -1) for (const word of assignments) variables.assign(word, isCertain);
  if (declares) return { ...command, words: [] };
  return { ...command, words: count === -1 ? [] : words.slice(count) };
}

function isAssignment({ pieces: [first] }: Word): boolean {
  return first?.kind === "text" && /^[A-Za-z_]\w*\+?=/u.test(first.text);
}

function isOption(word: Word): boolean {
  return literal(word)?.startsWith("-") === true;
}

function literal(word: Word | undefined): string | undefined {
  const [piece, ...more] = word?.pieces ?? [];
  return piece?.kind === "text" && more.length === 0 ? piece.text : undefined;
}

function mentionsSsh(command: ShellCommand): boolean {
  return command.words.some(({ pieces }) =>
    pieces.some((piece) => "text" in piece && /ssh/iu.test(piece.text)),
  );
}

/** Commands that only look, or only say something. */
const HARMLESS =
  /^(?:echo|printf|:|true|false|\[|\[\[|test|which|type|hash|set|shift|trap|logger|cd|umask|ulimit|mkdir|chmod|sleep|exit|return)$/u;

function readCommand(command: ShellCommand, variables: ShellVariables): Found | undefined {
  const fields = variables.fieldsOf(command);
  const verb = fields[0]?.text ?? "";
  if (/^(?:source|\.|eval|read|unset)$/u.test(verb)) variables.forgetAll();
  const args = withoutPrefixes(fields);
  const program = args[0];
  if (program?.unknown === undefined && /^(?:.*\/)?ssh$/u.test(program?.text ?? "")) {
    if (command.before.includes("|")) return unclear(command.line, "ssh at the end of a pipe");
    return readSsh(args.slice(1), command.line);
  }
  if (HARMLESS.test(verb))
    return hidden(command) ? unclear(command.line, "ssh within a substitution") : undefined;
  const because = "the word ssh, but no call of ssh that can be understood";
  if (hidden(command) || fields.some(({ text }) => CALL.test(text))) return unclear(command.line, because);
  if (mentionsSsh(command) || fields.some(({ text }) => /ssh/iu.test(text)))
    return { ...unclear(command.line, because), isDoubt: true };
  if (program?.unknown === undefined) return undefined;
  return { ...unclear(command.line, `the program is ${program.unknown}`), isDoubt: true };
}

/** A call of ssh within a text that something else runs. */
const CALL = /(?:^|[\s;&|(/])ssh\s/u;

/** One within `$(…)`. */
function hidden({ words }: ShellCommand): boolean {
  return words.some(({ pieces }) =>
    pieces.some((piece) => piece.kind === "unknown" && CALL.test(piece.text)),
  );
}

/** Programs that run the rest of their words, with those of their options that take a word. */
const PREFIXES: ReadonlyMap<string, RegExp> = new Map([
  ["exec", /^-a$/u],
  ["command", /^$/u],
  ["env", /^-[uCS]$/u],
  ["nohup", /^$/u],
  ["setsid", /^$/u],
  ["nice", /^-n$/u],
  ["stdbuf", /^-[ioe]$/u],
  ["caffeinate", /^-[tw]$/u],
]);

function withoutPrefixes(fields: readonly Field[]): readonly Field[] {
  let at = 0;
  for (;;) {
    const options = PREFIXES.get((fields[at]?.text ?? "").replace(/^.*\//u, ""));
    if (options === undefined || fields[at]?.unknown !== undefined) return fields.slice(at);
    // `command -v ssh` only looks.
    if (/^-[vV]$/u.test(fields[at + 1]?.text ?? "")) return [];
    const name = fields[at]?.text.replace(/^.*\//u, "");
    at += 1;
    while (fields[at]?.text.startsWith("-") === true) at += options.test(fields[at]?.text ?? "") ? 2 : 1;
    if (name === "env") while (/^[A-Za-z_]\w*=/u.test(fields[at]?.text ?? "")) at += 1;
  }
}

/** ssh's options that take a word. */
const WITH_VALUE = /[BbcDEeFIiJLlmOoPpQRSWw]/u;
/** What is said with `-o` and copies need as well. */
const CARRIED =
  /^(?:UserKnownHostsFile|GlobalKnownHostsFile|HostKeyAlias|HostName|IdentitiesOnly|IdentityAgent|CertificateFile|ProxyJump|AddressFamily)$/iu;
/** Nothing in it, also behind a user, in brackets or in a list of jump hosts, begins as an option does. */
const VALUE = /^(?!.*[[@,]-)[A-Za-z0-9_~/.%[][A-Za-z0-9 _~/.,:@%+=[\]-]*$/u;

interface SshWords {
  host?: string;
  user?: string;
  port?: string;
  identityFile?: string;
  readonly options: string[];
}

/** Reads what stands behind `ssh`, as its own getopt does: of what is said twice, the first counts. */
function readSsh(fields: readonly Field[], line: number): Found {
  const said: SshWords = { options: [] };
  let at = 0;
  for (; at < fields.length; at += 1) {
    const field = fields[at];
    if (field === undefined) break;
    if (said.host !== undefined && (field.unknown !== undefined || !/^-./u.test(field.text))) break;
    if (field.unknown !== undefined) return unclear(line, `the host is ${field.unknown}`);
    if (!/^-./u.test(field.text) || field.text === "--") {
      const host = field.text === "--" ? fields[(at += 1)] : field;
      if (said.host !== undefined) break;
      if (host?.unknown !== undefined) return unclear(line, `the host is ${host.unknown}`);
      said.host = host?.text ?? "";
      if (field.text === "--") break;
      continue;
    }
    const letters = field.text.slice(1);
    const index = letters.search(WITH_VALUE);
    if (index === -1) {
      for (const letter of letters) if (letter === "4" || letter === "6") said.options.push(`-${letter}`);
      continue;
    }
    const attached = letters.slice(index + 1);
    const next: Field | undefined = attached === "" ? fields[(at += 1)] : { text: attached };
    if (next === undefined) return unclear(line, `-${letters} stands at the end`);
    const refused = note(said, letters[index] ?? "", next);
    if (refused !== undefined) return unclear(line, refused);
  }
  return conclude(said, line);
}

/** Takes one option; answers why it cannot be told. */
function note(said: SshWords, letter: string, { text, unknown }: Field): string | undefined {
  if (letter === "o") return unknown === undefined ? noteSetting(said, text) : `-o takes ${unknown}`;
  if (!"lpiFJ".includes(letter)) return undefined;
  if (unknown !== undefined) return `-${letter} takes ${unknown}`;
  if (letter === "l") said.user ??= text;
  else if (letter === "p") said.port ??= text;
  else if (!VALUE.test(text)) return `-${letter} takes a word with signs that are not passed on`;
  else if (letter === "i") said.identityFile ??= text;
  else said.options.push(`-${letter}`, text);
  return undefined;
}

function noteSetting(said: SshWords, text: string): string | undefined {
  const [, name, value] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) return "an -o that is not understood";
  if (/^user$/iu.test(name)) said.user ??= value;
  else if (/^port$/iu.test(name)) said.port ??= value;
  else if (/^(?:identityfile|proxyjump|hostname)$/iu.test(name) || CARRIED.test(name)) {
    if (!VALUE.test(value)) return `${name} has a value with signs that are not passed on`;
    if (/^identityfile$/iu.test(name)) said.identityFile ??= value;
    else said.options.push("-o", `${name}=${value}`);
  }
  return undefined;
}

function conclude(said: SshWords, line: number): Found {
  if (said.host === undefined || said.host === "") return unclear(line, "ssh without a host");
  const url = /^ssh:\/\/([^/]*)\/?$/u.exec(said.host)?.[1];
  const written = url ?? said.host;
  const at = written.lastIndexOf("@");
  const place = written.slice(at + 1);
  const urlPort = url === undefined ? undefined : /:([0-9]+)$/u.exec(place)?.[1];
  const name = urlPort === undefined ? place : place.slice(0, -urlPort.length - 1);
  const user = said.user ?? (at === -1 ? undefined : written.slice(0, at));
  const portText = said.port ?? urlPort;
  // ssh takes IPv6 without brackets too.
  const host = parseHost(name) ?? parseHost(`[${name}]`);
  const port = portText === undefined ? undefined : parsePort(portText);
  if (host === undefined) return unclear(line, "the host has signs that cannot be in a host name");
  if (user !== undefined && !isRemoteUser(user))
    return unclear(line, "the user has signs that cannot be in a user name");
  if (portText !== undefined && port === undefined) return unclear(line, "the port is none");
  const { identityFile, options } = said;
  return { kind: "host", host: { remote: { user, host, port }, identityFile, options } };
}

function unclear(line: number, because: string): WrapperReading & { kind: "unclear" } {
  return { kind: "unclear", line, because };
}
