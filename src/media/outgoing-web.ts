// Downloads a file that is to be sent: https only, never from a private network, each redirect checked as the first address was.
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import { GatewayError } from "../model/errors.ts";
import { refuse, Sink, tooLarge } from "./outgoing-sink.ts";
import { isPublic } from "./public-address.ts";

const MOST_REDIRECTS = 5;
/** For all of it, redirects included. */
const LIMIT_MS = 60_000;
/** Without a byte. */
const SILENT_MS = 15_000;

/** How the web is reached; given so that a test can put a server of its own there. */
export interface Web {
  /** All addresses of a host. */
  resolve(host: string): Promise<readonly LookupAddress[]>;
  /** Options of the connection to a host whose addresses were checked. */
  dial(host: string, addresses: readonly LookupAddress[]): RequestOptions;
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
};

/** Downloads. */
export class WebFiles {
  readonly #web: Web;
  readonly #limitMs: number;

  constructor(web: Web = WORLD_WIDE_WEB, limitMs = LIMIT_MS) {
    this.#web = web;
    this.#limitMs = limitMs;
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
    const addresses = await this.#web.resolve(host);
    signal.throwIfAborted();
    if (addresses.length === 0) throw refuse("media/unreachable", `${host} has no address`);
    if (!addresses.every(({ address }) => isPublic(address)))
      throw refuse("media/outside", `${url.href} is of a private network`);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asking = request({
      method: "GET",
      host,
      port: url.port === "" ? 443 : Number(url.port),
      path: url.pathname + url.search,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      headers: { Host: url.host, Accept: "*/*", "Accept-Encoding": "identity", "User-Agent": "coderclaw" },
      agent: false,
      signal,
      ...this.#web.dial(host, addresses),
    });
    asking.setTimeout(SILENT_MS, () => {
      asking.destroy(refuse("media/timeout", `${url.href} says nothing for ${SILENT_MS / 1000} s`));
    });
    asking.on("response", resolve);
    asking.on("error", reject);
    asking.end();
    return promise;
  }
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
