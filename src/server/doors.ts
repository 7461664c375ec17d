// By which names and from which pages this server may be asked. Everything else is a foreign web page until its address is allowed.
import { networkInterfaces } from "node:os";
import type { PublicUrl } from "../model/public-url.ts";

/** The address the server listens on. */
export interface Listening {
  readonly bind: string;
  readonly port: number;
}

/** The addresses of the page. */
export interface Doors {
  readonly listening: Listening;
  readonly publicUrls: readonly PublicUrl[];
}

/** What a refused request said about where it came from. */
export interface Foreign {
  readonly what: "host" | "origin";
  readonly host: string;
  readonly origin: string | undefined;
}

/**
 * Looks at the names a request came by; undefined: they are ours. A web page whose name was made to point at this machine (DNS
 * rebinding) comes with its own `Host`; one that asks across origins comes with its own `Origin`.
 */
export function findForeign(request: Request, doors: Doors): Foreign | undefined {
  const host = request.headers.get("host") ?? "";
  const origin = request.headers.get("origin") ?? undefined;
  if (!isOurHost(host, doors)) return { what: "host", host, origin };
  if (origin !== undefined && !isOurOrigin(origin, doors)) return { what: "origin", host, origin };
  return undefined;
}

function isOurHost(host: string, { listening, publicUrls }: Doors): boolean {
  return publicUrls.some((url) => url.host === host) || isListenedOn(host, listening);
}

function isOurOrigin(origin: string, { listening, publicUrls }: Doors): boolean {
  if (publicUrls.some((url) => url.origin === origin)) return true;
  return origin.startsWith("http://") && isListenedOn(origin.slice("http://".length), listening);
}

function isListenedOn(host: string, { bind, port }: Listening): boolean {
  const isNamed = (name: string): boolean => host === `${name}:${port}` || (port === 80 && host === name);
  if (["localhost", "127.0.0.1", "[::1]", inUrl(bind)].some(isNamed)) return true;
  return isEverywhere(bind) && ownAddresses().some(isNamed);
}

/** True where the server listens on every address of its machine. */
export function isEverywhere(bind: string): boolean {
  return bind === "0.0.0.0" || bind === "::" || bind === "";
}

/** The addresses of this machine in its networks, as they stand in URLs. No name can be made to come with one of them as `Host`. */
export function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ internal }) => !internal).map(({ address }) => inUrl(address));
}

function inUrl(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** The public address that a browser came by, as far as it says so. */
export function publicUrlOf(request: Request, { publicUrls }: Doors): PublicUrl | undefined {
  const origin = request.headers.get("origin");
  return publicUrls.find((url) => url.origin === origin);
}

/** The path without the prefix that a proxy left on it: a public address may have a path of its own. */
export function pathOf(request: Request, { publicUrls }: Doors): string {
  const { pathname } = new URL(request.url);
  const prefix = publicUrls
    .map(({ path }) => path)
    .filter((path) => pathname.startsWith(path))
    .reduce((longest, path) => (path.length > longest.length ? path : longest), "/");
  return pathname.slice(prefix.length - 1);
}

/** True for `/coderclaw` where a public address is `…/coderclaw/`: relative addresses on the page need the slash. */
export function lacksSlash(request: Request, { publicUrls }: Doors): boolean {
  const { pathname } = new URL(request.url);
  return publicUrls.some(({ path }) => path !== "/" && path === `${pathname}/`);
}
