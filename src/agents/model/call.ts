// One HTTP request to a model's API: no redirect is followed, nothing is kept open, and silence has an end.
import type { IncomingMessage } from "node:http";
import { NO_PROXIES, ProxyError, type Proxies, type Proxy } from "../../lib/proxy.ts";
import { connectionFault, ModelFault } from "./fault.ts";

/** A request. */
export interface Call {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Such as `/models`. */
  readonly path: string;
  readonly apiKey: string | undefined;
  /** Undefined: every server is asked directly. */
  readonly proxies?: Proxies | undefined;
  /** Sent as JSON by POST; undefined: GET. */
  readonly body?: unknown;
}

/** How long to wait, in ms. */
export interface Patience {
  /** For the connection. */
  readonly connectMs: number;
  /** Between two pieces of an answer that has begun. Before it the model may be loaded and may read: that is for the turn's time limit. */
  readonly stallMs: number;
}

/** Asks. Contract: rejects with a `ModelFault`, or with what the signal was aborted with; ending the signal ends the answer too. */
export async function call(
  { baseUrl, path, apiKey, body, proxies = NO_PROXIES }: Call,
  patience: Patience,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(baseUrl + path);
  const proxy = findProxy(proxies, url);
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const sent = request(url, {
    method: content === undefined ? "GET" : "POST",
    agent: (await proxy?.agent(patience.connectMs)) ?? false,
    signal,
    headers: {
      accept: content === undefined ? "application/json" : "text/event-stream, application/json",
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      ...(content !== undefined && {
        "content-type": "application/json",
        "content-length": content.length,
      }),
    },
  });
  const giveUp = (error: Error): void => {
    clearTimeout(late);
    reject(signal.aborted || error instanceof ModelFault ? error : connectionFault(error, baseUrl, proxy));
  };
  const late = setTimeout(() => {
    const through = proxy === undefined ? "" : ` through the proxy ${proxy.place} (${proxy.variable})`;
    const seconds = patience.connectMs / 1000;
    const fault = new ModelFault(`${url.host} could not be reached${through} within ${seconds} s`, {
      remedy: "later",
    });
    sent.destroy(fault);
    giveUp(fault);
  }, patience.connectMs);
  sent.on("socket", (socket) => {
    const isSecure = url.protocol === "https:";
    // Behind a proxy the connection to the server itself is there already.
    if (!socket.connecting && (!isSecure || proxy !== undefined)) clearTimeout(late);
    socket.once(isSecure ? "secureConnect" : "connect", () => clearTimeout(late));
  });
  sent.on("response", resolve);
  sent.on("error", giveUp);
  // While a proxy is asked for a connection, the request itself does not tell.
  signal.addEventListener("abort", () => giveUp(signal.reason as Error), { once: true });
  sent.end(content);
  return promise;
}

function findProxy(proxies: Proxies, url: URL): Proxy | undefined {
  try {
    return proxies.find(url);
  } catch (cause) {
    if (cause instanceof ProxyError) throw new ModelFault(cause.message);
    throw cause;
  }
}

/** The pieces of an answer's body. Contract: throws a `ModelFault` when it breaks off or stalls; the connection is closed at the end. */
export async function* pieces(
  response: IncomingMessage,
  { stallMs }: Patience,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const stalled = new ModelFault(`nothing more came for ${stallMs / 1000} s`, { remedy: "later" });
  try {
    for (;;) {
      const timer = setTimeout(() => response.destroy(stalled), stallMs);
      const next = await iterator.next().finally(() => clearTimeout(timer));
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    if (signal.aborted || error instanceof ModelFault) throw error;
    throw new ModelFault("the connection was closed in the middle of the answer", { remedy: "later" });
  } finally {
    response.destroy();
  }
}

/** The start of a body as text, up to so many bytes. */
export async function readStart(parts: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of parts) {
    kept.push(part.subarray(0, maxBytes - bytes));
    bytes += part.length;
    if (bytes >= maxBytes) break;
  }
  return new TextDecoder().decode(Buffer.concat(kept));
}
