// The grammar of machines reached by SSH: what is handed to `ssh` as host, user and port cannot be read as anything else.
import type { Reach, RemoteHost } from "./settings.ts";
import type { Parsed } from "./target.ts";

/** Names, aliases of the SSH configuration and IPv4: no sign that ssh, scp or a shell gives a meaning to, none of `-.` at the edges. */
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?!\.|$)){0,252}$/u;
/** IPv6, in brackets as everywhere where a port or a path may follow. */
const BRACKETED = /^\[([0-9A-Fa-f:.]{2,45})\]$/u;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/u;
const LARGEST_PORT = 65_535;

/** Reads `host` or `user@host`; an IPv6 host stands in brackets. No port: nothing else is accepted. */
export function parseRemoteHost(text: string): Parsed<RemoteHost> {
  const at = text.indexOf("@");
  const user = at === -1 ? undefined : text.slice(0, at);
  const host = parseHost(text.slice(at + 1));
  if (host === undefined) return { ok: false, reason: "must be `host` or `user@host`, and nothing else" };
  if (user !== undefined && !isRemoteUser(user))
    return { ok: false, reason: "names a user with signs that cannot be in a user name" };
  return { ok: true, value: { user, host, port: undefined } };
}

/** A host without brackets; undefined for what is none. */
export function parseHost(text: string): string | undefined {
  const bracketed = BRACKETED.exec(text)?.[1];
  if (bracketed !== undefined) return bracketed.includes(":") ? bracketed : undefined;
  return NAME.test(text) && !text.endsWith("-") ? text : undefined;
}

/** True for a name of a user. */
export function isRemoteUser(text: string): boolean {
  return USER.test(text);
}

/** 1 to 65535; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  const port = /^[0-9]{1,5}$/u.test(text) ? Number(text) : 0;
  return port >= 1 && port <= LARGEST_PORT ? port : undefined;
}

/** As people write it: `user@host`, with `:port` where it is not the usual one. */
export function renderRemoteHost({ user, host, port }: RemoteHost): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;
}

/** Where an account's imsg runs, in a word or two. */
export function renderReach(reach: Reach): string {
  if (reach.kind === "local") return "local";
  return reach.kind === "unclear" ? "wrapper (host not known)" : `SSH ${renderRemoteHost(reach.remote)}`;
}
