// Downloads a file that is to be sent: https only, never from a private network, each redirect checked as the first address was; through
// a proxy where the environment names one.
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { NO_PROXIES, ProxyError, type Proxies, type Proxy } from "../lib/proxy.ts";
import { GatewayError } from "../model/errors.ts";
import { refuse, Sink, tooLarge } from "./outgoing-sink.ts";
import { isPublic } from "./public-address.ts";

const MOST_REDIRECTS = 5;
/** For all of it, redirects included. */
export const LIMIT_MS = 60_000;
/** For this machine to look a name up that a proxy would look up as well. */
const LOOK_UP_MS = 3000;
/** Names of private networks, whoever looks them up. */
const PRIVATE_NAME = /^[^.]+$|\.(?:local|localhost|internal|intranet|lan|home|corp|private|home\.arpa)$/iu;
/** Without a byte. */
const SILENT_MS = 15_000;

/** How the web is reached; given so that a test can put a server of its own there. */
export interface Web {
  /** All addresses of a host. */
  resolve(host: string): Promise<readonly LookupAddress[]>;
  /** Options of the connection to a host whose addresses were checked. */
  dial(host: string, addresses: readonly LookupAddress[]): RequestOptions;
  /** The same for a host that is reached through a proxy. */
  tunnel(host: string): RequestOptions;
}

/** The real one. The addresses are those that were checked: asking again could give others. */
export const WORLD_WIDE_WEB: Web = {
  resolve: async (host) => lookup(host, { all: true, verbatim: true }),
  dial: (_host, addresses) => ({
    lookup: (_asked, { all }, answer) => {
      const [first] = addresses;
      if (all === true) answer(null, [...addresses]);
      else answer(null, first?.address ?? "", first?.family);
    },
  }),
  tunnel: () => ({}),
};

/** Downloads. */
export class WebFiles {
  readonly #web: Web;
  readonly #limitMs: number;

  readonly #proxies: Proxies;

  constructor(web: Web = WORLD_WIDE_WEB, limitMs = LIMIT_MS, proxies = NO_PROXIES) {
    this.#web = web;
    this.#limitMs = limitMs;
    this.#proxies = proxies;
  }

  /** Writes what lies at an `https:` address into a file. Contract: rejects with `media/…` codes. */
  async download(
    address: string,
    target: FileHandle,
    by: { readonly maxBytes: number; readonly signal: AbortSignal },
  ): Promise<{ readonly hash: string; readonly bytes: number; readonly name: string }> {
    const limit = AbortSignal.timeout(this.#limitMs);
    const signal = AbortSignal.any([by.signal, limit]);
    try {
      const { response, url } = await this.#follow(address, signal);
      requireFile(response, url, by.maxBytes);
      const sink = new Sink(target, { source: url.href, maxBytes: by.maxBytes });
      for await (const chunk of response) await sink.write(chunk as Uint8Array);
      if (!response.complete) throw refuse("media/failed", `${url.href} broke off`);
      return { ...sink.end(), name: nameOf(url) };
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      if (limit.aborted)
        throw refuse("media/timeout", `${address} took longer than ${this.#limitMs / 1000} s`);
      const why = cause instanceof Error ? cause.message : String(cause);
      throw refuse("media/unreachable", `${address} cannot be had: ${why}`, cause);
    }
  }

  async #follow(address: string, signal: AbortSignal): Promise<{ response: IncomingMessage; url: URL }> {
    let url = readAddress(address);
    for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
      const response = await this.#ask(url, signal);
      const { location } = response.headers;
      const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0);
      if (!isRedirect || location === undefined) return { response, url };
      response.destroy();
      url = readAddress(location, url);
    }
    throw refuse("media/failed", `${address} leads from one address to the next without end`);
  }

  async #ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const host = url.hostname.replace(/^\[|\]$/gu, "");
    const proxy = this.#findProxy(url);
    const connection = proxy ? await this.#tunnel(url, host, proxy) : await this.#dial(url, host);
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asking = request({
      method: "GET",
      host: proxy ? url.hostname : host,
      port: url.port === "" ? 443 : Number(url.port),
      path: url.pathname + url.search,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      headers: { Host: url.host, Accept: "*/*", "Accept-Encoding": "identity", "User-Agent": "coderclaw" },
      signal,
      ...connection,
    });
    asking.setTimeout(SILENT_MS, () => {
      asking.destroy(refuse("media/timeout", `${url.href} says nothing for ${SILENT_MS / 1000} s`));
    });
    asking.on("response", resolve);
    asking.on("error", (error) => reject(proxy ? tunnelTrouble(error, url, proxy) : error));
    // While a proxy is asked for a connection, the request itself does not tell.
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    asking.end();
    return promise;
  }

  async #dial(url: URL, host: string): Promise<RequestOptions> {
    const addresses = await this.#web.resolve(host);
    if (addresses.length === 0) throw refuse("media/unreachable", `${host} has no address`);
    requirePublic(url, addresses);
    return { agent: false, ...this.#web.dial(host, addresses) };
  }

  /** A proxy looks names up by itself. What this machine knows of them is checked; what only the proxy knows is the proxy's to refuse. */
  async #tunnel(url: URL, host: string, proxy: Proxy): Promise<RequestOptions> {
    if (isIP(host) === 0 && PRIVATE_NAME.test(host.replace(/\.$/u, ""))) throw outside(url);
    const known = await Promise.race([
      this.#web.resolve(host).catch(() => []),
      delay(LOOK_UP_MS, [], { ref: false }),
    ]);
    requirePublic(url, known);
    return { agent: await proxy.agent(SILENT_MS), ...this.#web.tunnel(host) };
  }

  #findProxy(url: URL): Proxy | undefined {
    try {
      return this.#proxies.find(url);
    } catch (cause) {
      if (cause instanceof ProxyError) throw refuse("media/unreachable", cause.message, cause);
      throw cause;
    }
  }
}

function requirePublic(url: URL, addresses: readonly LookupAddress[]): void {
  if (!addresses.every(({ address }) => isPublic(address))) throw outside(url);
}

function outside({ href }: URL): GatewayError {
  return refuse("media/outside", `${href} is of a private network`);
}

function tunnelTrouble(
  error: NodeJS.ErrnoException & { statusCode?: number },
  url: URL,
  proxy: Proxy,
): Error {
  if (error instanceof GatewayError || error.code === undefined || /CERT|_SSL_|^ERR_TLS/u.test(error.code))
    return error;
  const why = error.statusCode ?? error.code;
  const what = `the proxy ${proxy.place} (${proxy.variable}) does not lead to ${url.host} (${why})`;
  return refuse("media/unreachable", what, error);
}

function readAddress(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw refuse("media/outside", `${text} is no address`);
  if (url.protocol !== "https:") throw refuse("media/outside", `${url.href} is no https address`);
  if (url.username !== "" || url.password !== "")
    throw refuse("media/outside", `an address of ${url.host} has a password in it`);
  return url;
}

function requireFile({ statusCode = 0, headers }: IncomingMessage, { href }: URL, maxBytes: number): void {
  if (statusCode === 404 || statusCode === 410) throw refuse("media/missing", `${href} is not there`);
  if (statusCode !== 200) throw refuse("media/failed", `${href} was answered with status ${statusCode}`);
  if (/^(?:text\/html|application\/xhtml)/iu.test(headers["content-type"] ?? ""))
    throw refuse("media/not-a-file", `${href} is a web page`);
  if ((headers["content-encoding"] ?? "identity") !== "identity")
    throw refuse("media/failed", `${href} was answered packed, which was not asked for`);
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge(href, maxBytes);
}

function nameOf(url: URL): string {
  const last = url.pathname.split("/").findLast((name) => name !== "") ?? "";
  try {
    return decodeURIComponent(last) || url.hostname;
  } catch {
    return last;
  }
}
