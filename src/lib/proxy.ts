// Which requests go through a proxy, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, and the connection through it.
import type { Agent } from "node:http";
import { BlockList, isIP } from "node:net";

/** A variable of the environment by its name; undefined when it is not set. */
export type ReadVariable = (name: string) => string | undefined;

/** A proxy that a request goes through. */
export interface Proxy {
  /** The variable that names it. */
  readonly variable: string;
  /** Its host and port, without the login. */
  readonly place: string;
  /** What makes a connection through it, within `timeoutMs`. */
  agent(timeoutMs: number): Promise<Agent>;
}

/** A variable that names no proxy that could be used. The message is fit for people and holds no login. */
export class ProxyError extends Error {}

/** The first Node whose agents know proxies. */
const FIRST_NODE = [24, 5] as const;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Finds the proxy of a request. Programs on this machine are always asked directly. */
export class Proxies {
  readonly #variable: ReadVariable;

  constructor(variable: ReadVariable) {
    this.#variable = variable;
  }

  /** Undefined: the request goes there directly. Throws `ProxyError`. */
  find(target: URL): Proxy | undefined {
    const isSecure = target.protocol === "https:";
    const named = this.#read(isSecure ? "HTTPS_PROXY" : "HTTP_PROXY");
    if (named === undefined || isLoopback(hostOf(target)) || this.#isDirect(target)) return undefined;
    const [variable, value] = named;
    const url = readProxy(variable, value);
    requireNode(variable);
    return {
      variable,
      place: url.host,
      agent: async (timeoutMs) => {
        const { Agent } = isSecure ? await import("node:https") : await import("node:http");
        // Only the proxy that was chosen here: Node reads NO_PROXY in another way.
        const proxyEnv = { [isSecure ? "HTTPS_PROXY" : "HTTP_PROXY"]: url.href };
        return new Agent({ proxyEnv, timeout: timeoutMs });
      },
    };
  }

  /** As curl reads them: in small letters first. */
  #read(name: string): readonly [name: string, value: string] | undefined {
    for (const one of [name.toLowerCase(), name]) {
      const value = this.#variable(one)?.trim() ?? "";
      if (value !== "") return [one, value];
    }
    return undefined;
  }

  #isDirect(target: URL): boolean {
    const [, list = ""] = this.#read("NO_PROXY") ?? [];
    const host = hostOf(target);
    const port = target.port || DEFAULT_PORTS[target.protocol];
    return list.split(/[\s,]+/u).some((entry) => entry !== "" && fits(entry.toLowerCase(), host, port));
  }
}

/** No proxy at all. */
export const NO_PROXIES = new Proxies(() => undefined);

function hostOf(url: URL): string {
  return url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/gu, "")
    .replace(/\.$/u, "");
}

function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(?:\.\d+){3}$/u.test(host)
  );
}

/** An entry is `*`, a domain (which holds for what is below it, too), an address, a range of addresses as `10.0.0.0/8`; each with a port or without. */
function fits(entry: string, host: string, port: string | undefined): boolean {
  if (entry === "*") return true;
  const { name, wantedPort } = readEntry(entry);
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const [net = "", bits] = name.split("/");
  if (isIP(net) !== 0) return fitsAddress(net, bits, host);
  const domain = name.replace(/^\*?\.+/u, "").replace(/\.$/u, "");
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}

/** A port stands behind one colon, or behind brackets. */
function readEntry(entry: string): { readonly name: string; readonly wantedPort: string | undefined } {
  const parts = entry.startsWith("[") ? entry.slice(1).split(/\]:?/u) : entry.split(":");
  const [name = "", wantedPort] = parts;
  if (!entry.startsWith("[") && parts.length > 2) return { name: entry, wantedPort: undefined };
  return { name, wantedPort: wantedPort === "" ? undefined : wantedPort };
}

function fitsAddress(net: string, bits: string | undefined, host: string): boolean {
  const family = isIP(net) === 4 ? "ipv4" : "ipv6";
  if (isIP(host) !== isIP(net)) return false;
  const length = Number(bits ?? (family === "ipv4" ? 32 : 128));
  if (!Number.isInteger(length) || length < 0 || length > (family === "ipv4" ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(net, length, family);
  return list.check(host, family);
}

function readProxy(variable: string, value: string): URL {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//iu.test(value) ? value : `http://${value}`);
  if (url === null || url.hostname === "") throw new ProxyError(`${variable} is not the address of a proxy`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new ProxyError(
      `${variable} names a proxy of the kind "${url.protocol}"; only http: and https: can be used`,
    );
  return url;
}

function requireNode(variable: string): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [firstMajor, firstMinor] = FIRST_NODE;
  if (major > firstMajor || (major === firstMajor && minor >= firstMinor)) return;
  throw new ProxyError(
    `${variable} is set, and Node ${process.versions.node} knows no proxies: use ${FIRST_NODE.join(".")} or newer`,
  );
}
