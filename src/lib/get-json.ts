// One GET for JSON, through a proxy where the environment names one. No redirect is followed.
import type { IncomingMessage, RequestOptions } from "node:http";
import type { Proxies } from "./proxy.ts";

const MAX_BYTES = 4 * 1024 * 1024;

/** Gets JSON. Contract: rejects with an `Error` whose message is fit for people. */
export async function getJson(url: URL, proxies: Proxies, timeoutMs: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const proxy = proxies.find(url);
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const options: RequestOptions = {
    agent: (await proxy?.agent(timeoutMs)) ?? false,
    headers: { accept: "application/json" },
    signal,
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const late = (): void => reject(new Error(`no answer within ${timeoutMs / 1000} s`));
  signal.addEventListener("abort", late, { once: true });
  const asking = request(url, options);
  asking.on("response", resolve);
  asking.on("error", (error: NodeJS.ErrnoException) =>
    reject(
      new Error(proxy ? `the proxy ${proxy.place} (${proxy.variable}) does not lead there` : describe(error)),
    ),
  );
  asking.end();
  const response = await promise;
  try {
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    let text = "";
    response.setEncoding("utf8");
    for await (const piece of response) {
      text += String(piece);
      if (text.length > MAX_BYTES) throw new Error("the answer is too large");
    }
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (signal.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause });
    throw cause;
  } finally {
    response.destroy();
    signal.removeEventListener("abort", late);
  }
}

/** Several addresses of a host were tried: the first one's. */
function describe(error: NodeJS.ErrnoException): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return inner instanceof Error ? inner.message : String(inner);
}
