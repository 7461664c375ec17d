// Where an account's imsg runs: on this machine, on one that an `ssh://` address names, or on one that a wrapper script goes to.
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { isRemoteUser, parseHost, parsePort } from "../../model/remote-host.ts";
import type { Reach, RemoteHost } from "../../model/settings.ts";
import type { Parsed } from "../../model/target.ts";
import { expandHome } from "../places.ts";
import { readWrapper, type WrapperHost } from "../wrapper/wrapper.ts";

/** No wrapper is longer; a longer file is a program. */
const MAX_SCRIPT_BYTES = 256 * 1024;

/** What decides about the reach of an account. */
export interface ReachFacts {
  /** As resolved; an `ssh://` address as written. */
  readonly cliPath: string;
  readonly remoteHost: RemoteHost | undefined;
  readonly searchPath: readonly string[];
  readonly variable: (name: string) => string | undefined;
}

/** True for an address that ssh is started for by us. */
export function isSshAddress(cliPath: string): boolean {
  return /^ssh:/iu.test(cliPath);
}

/**
 * Reads `ssh://user@host[:port]/path/to/imsg`. Without a path, or with `/` alone, it is `imsg` on the PATH there; `/~/…` begins at the home there.
 * `%20` and the like stand for their signs.
 */
export function parseSshAddress(text: string): Parsed<Extract<Reach, { kind: "ssh" }>> {
  const wrong = (reason: string): Parsed<never> => ({ ok: false, reason });
  const [, authority, path = ""] = /^ssh:\/\/([^/]*)(\/.*)?$/isu.exec(text) ?? [];
  if (authority === undefined) return wrong("must be of the form `ssh://user@host[:port]/path/to/imsg`");
  const [, user, name, port] = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:@]*)(?::(.*))?$/su.exec(authority) ?? [];
  const host = parseHost(name ?? "");
  if (host === undefined) return wrong("names no host that can be one");
  if (user !== undefined && !isRemoteUser(user))
    return wrong("names a user with signs that cannot be in a user name");
  const portNumber = port === undefined ? undefined : parsePort(port);
  if (port !== undefined && portNumber === undefined) return wrong("has a port that is not 1 to 65535");
  const program = parseProgram(path);
  if (program === undefined) return wrong("has a path with signs that cannot be in one");
  return { ok: true, value: { kind: "ssh", remote: { user, host, port: portNumber }, program } };
}

function parseProgram(path: string): string | undefined {
  if (path === "" || path === "/") return "imsg";
  if (/[?#]/u.test(path)) return undefined;
  try {
    const decoded = decodeURIComponent(path);
    if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(decoded) || decoded.endsWith("/")) return undefined;
    return decoded.startsWith("/~/") ? decoded.slice(1) : decoded;
  } catch {
    return undefined;
  }
}

/** The reach of a `cliPath` that is no `ssh://` address, and whether the program could be looked into. */
export function reachOfProgram(facts: ReachFacts): { readonly reach: Reach; readonly wasRead: boolean } {
  const text = readScript(facts.cliPath, facts.searchPath);
  const reading = typeof text === "string" ? readWrapper(text, facts.variable) : undefined;
  const wrapper = reading?.kind === "host" ? reading.host : undefined;
  const wasRead = text !== undefined;
  if (facts.remoteHost !== undefined) return { reach: explicit(facts.remoteHost, wrapper), wasRead };
  if (wrapper !== undefined) return { reach: reachOf(wrapper), wasRead };
  if (reading?.kind !== "unclear") return { reach: { kind: "local" }, wasRead };
  return { reach: { kind: "unclear", because: `line ${reading.line}: ${reading.because}` }, wasRead };
}

/** `remoteHost` wins; what it does not say is the wrapper's where that goes to the same host. */
function explicit(remote: RemoteHost, wrapper: WrapperHost | undefined): Reach {
  const isSame = wrapper?.remote.host.toLowerCase() === remote.host.toLowerCase();
  if (wrapper === undefined || !isSame)
    return { kind: "wrapper", remote, identityFile: undefined, options: [] };
  const { user, port } = wrapper.remote;
  return reachOf({ ...wrapper, remote: { user: remote.user ?? user, host: remote.host, port } });
}

function reachOf({ remote, identityFile, options }: WrapperHost): Reach {
  return {
    kind: "wrapper",
    remote,
    identityFile: identityFile === undefined ? undefined : expandHome(identityFile),
    options: options.map((option) => expandHome(option)),
  };
}

/** The text of a script, the bytes of a program; undefined when it cannot be read. */
function readScript(cliPath: string, searchPath: readonly string[]): string | Uint8Array | undefined {
  const file = isAbsolute(cliPath)
    ? cliPath
    : searchPath.map((folder) => join(folder, cliPath)).find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  try {
    const content = readFileSync(file);
    const isText = content.length <= MAX_SCRIPT_BYTES && !content.includes(0);
    return isText ? content.toString("utf8") : content;
  } catch {
    return undefined;
  }
}
