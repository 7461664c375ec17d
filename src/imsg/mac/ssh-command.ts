// Command lines of ssh: one for imsg on another Mac, one for copies from and to it. Nobody's text gets onto them unquoted or unchecked.
import { isRemoteUser, parseHost } from "../../model/remote-host.ts";
import type { Reach, RemoteHost } from "../../model/settings.ts";

/** A program and its words. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** What a command line is made for. */
export interface SshOptions {
  readonly remote: RemoteHost;
  /** Seconds until a connection that does not come about is given up. */
  readonly connectSeconds: number;
  readonly identityFile?: string | undefined;
  /** More words in front of the host. */
  readonly options?: readonly string[];
}

/** How often ssh asks a silent host whether it is there, and how many answers may fail: a dead line is noticed within 20 s. */
const ALIVE = { seconds: 5, count: 3 } as const;

/** Where imsg is, beyond what a login without a terminal has on its PATH; Homebrew's own folders. */
const MORE_PATH = "/opt/homebrew/bin:/usr/local/bin";

/** `imsg rpc` there. */
export function imsgCommand(
  { remote, program }: Extract<Reach, { kind: "ssh" }>,
  dbPath: string | undefined,
  connectSeconds: number,
): CommandLine {
  const database = dbPath === undefined ? "" : ` --db ${quoteForRemote(dbPath)}`;
  // `exec`: no shell stays between ssh and imsg, so that what ssh is told of its end is true.
  const start = program.includes("/")
    ? `exec ${quoteForRemote(program)}`
    : `exec env PATH="$PATH:${MORE_PATH}" ${quoteForRemote(program)}`;
  return {
    command: "ssh",
    args: [...sshWords({ remote, connectSeconds }), `${start} rpc${database}`],
  };
}

/** The SFTP server there, on stdin and stdout. */
export function copyCommand(options: SshOptions): CommandLine {
  return {
    command: "ssh",
    args: [...sshWords({ ...options, options: [...(options.options ?? []), "-s"] }), "sftp"],
  };
}

/**
 * Words up to the host, `--` before it.
 *
 * Nobody is asked anything (BatchMode), no key is taken on trust (StrictHostKeyChecking), nothing of this machine is lent to the other
 * one (no agent, no X11, no tunnels of the user's configuration). Every connection is one of its own: with one shared by copies and
 * text a large copy would stand in front of the text, and ending a child would not end its connection.
 */
function sshWords({ remote, connectSeconds, identityFile, options = [] }: SshOptions): string[] {
  const { user, host, port } = checked(remote);
  const settings = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    `ConnectTimeout=${Math.max(1, Math.round(connectSeconds))}`,
    `ServerAliveInterval=${ALIVE.seconds}`,
    `ServerAliveCountMax=${ALIVE.count}`,
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "ControlMaster=no",
    "ControlPath=none",
    "LogLevel=INFO",
  ];
  return [
    "-T",
    ...settings.flatMap((setting) => ["-o", setting]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(identityFile === undefined ? [] : ["-i", identityFile]),
    ...options,
    "--",
    host,
  ];
}

/** What comes from the configuration was checked there; here is the last place before it is run. */
function checked(remote: RemoteHost): RemoteHost {
  const { user, host, port } = remote;
  const isHost = parseHost(host.includes(":") ? `[${host}]` : host) === host;
  const isPort = port === undefined || (Number.isInteger(port) && port >= 1 && port <= 65_535);
  if (!isHost || !isPort || (user !== undefined && !isRemoteUser(user)))
    throw new Error("a host that was not checked");
  return remote;
}

/**
 * A word for the shell there, whichever it is (sh, bash, zsh, fish, tcsh): nothing in it is expanded but a `~/` in front, the home there.
 * Quotes and backslashes stand outside of the quotes, where all of them read `\'` and `\\` in the same way.
 */
export function quoteForRemote(text: string): string {
  if (text === "~") return text;
  if (text.startsWith("~/")) return `~/${quoted(text.slice(2))}`;
  return quoted(text);
}

function quoted(text: string): string {
  if (text === "") return "''";
  return text
    .split(/(['\\])/u)
    .map((part) => (part === "'" || part === "\\" ? `\\${part}` : part === "" ? "" : `'${part}'`))
    .join("");
}
