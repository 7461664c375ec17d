// Why a model's API gave no answer: in words for the owner, with what can be done about it.
import type { IncomingHttpHeaders } from "node:http";
import type { Proxy } from "../../lib/proxy.ts";
import { isTooLong } from "./overflow.ts";
import { saidIn } from "./said.ts";

/** Whose fault it may be: all that a reason may name. */
export interface Place {
  readonly agentId: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string | undefined;
}

/** What can be done: nothing, the same again later, the same with less history; or the model or address is not there. */
export type Remedy = "none" | "later" | "less-history" | "other-name";

/** An answer that did not come, or broke off. The message is for the owner and holds no key. */
export class ModelFault extends Error {
  readonly remedy: Remedy;
  /** What the server asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  /** It may be for the pictures that the model was shown. */
  readonly isOfPictures: boolean;

  constructor(
    message: string,
    {
      remedy = "none",
      retryAfterMs,
      isOfPictures = false,
    }: { remedy?: Remedy; retryAfterMs?: number | undefined; isOfPictures?: boolean } = {},
  ) {
    super(message);
    this.name = "ModelFault";
    this.remedy = remedy;
    this.retryAfterMs = retryAfterMs;
    this.isOfPictures = isOfPictures;
  }
}

/** What a server answered instead of an answer. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The start of it. */
  readonly body: string;
}

const NO_CREDIT = /insufficient_quota|billing|credit balance/i;
const PICTURES =
  /\b(?:images?|image_url|pictures?|vision|multi-?modal|mmproj|media[_ ]type|mime[_ ]?type|content (?:type|part)s?)\b/iu;

/** A refusal by its status, and by what the server says about it. */
export function faultOf(refusal: Refusal, place: Place): ModelFault {
  const said = saidIn(refusal.body, place.apiKey);
  const words = said === "" ? "" : `; it says: ${said}`;
  const isOfPictures = PICTURES.test(said);
  if (isTooLong(refusal.status, refusal.body)) return tooLong(place, words);
  const [message, more] = readStatus(refusal, { ...place, words });
  return new ModelFault(message, { ...more, isOfPictures });
}

/** The conversation is longer than the model's context. */
export function tooLong({ model }: Place, words: string): ModelFault {
  return new ModelFault(`the conversation is too long for model ${quoted(model)}${words}`, {
    remedy: "less-history",
  });
}

function readStatus(
  { status, headers, body }: Refusal,
  place: Place & { readonly words: string },
): [message: string, more?: { remedy: Remedy; retryAfterMs?: number | undefined }] {
  const { baseUrl, agentId, model, words } = place;
  if (status === 401 || status === 403) return [keyFault(status, place)];
  if (status === 407)
    return [`the proxy (HTTP_PROXY) wants a login (407): write it there, as http://USER:PASSWORD@HOST:PORT`];
  if (status === 402 || (status === 429 && NO_CREDIT.test(body)))
    return [`${baseUrl} gives no answer without payment (${status})${words}`];
  if (status === 404 || (status === 400 && /model[_ ]not[_ ]found|model .{0,300}does not exist/i.test(body)))
    return [
      `${baseUrl} has no /chat/completions, or no model ${quoted(model)} (${status}): check \`baseUrl\` (it mostly ends in /v1) and \`model\` in the runtime of agent ${agentId}${words}`,
      { remedy: "other-name" },
    ];
  if (status >= 300 && status < 400)
    return [
      `${baseUrl} sends on to ${locationOf(headers, baseUrl)} (${status}), which is not followed: write the address it has now as \`baseUrl\` in the runtime of agent ${agentId}`,
    ];
  if (isPassing(status)) {
    const what = status === 429 ? "is asked too often, or is busy" : "cannot answer now";
    const retryAfterMs = retryAfter(headers, Date.now());
    return [`${baseUrl} ${what} (${status})${words}`, { remedy: "later", retryAfterMs }];
  }
  return [`${baseUrl} refused the message (${status})${words}`];
}

/** A key is missing or wrong. */
function keyFault(status: number, place: Place & { readonly words: string }): string {
  const { baseUrl, agentId, apiKey, words } = place;
  const key = `\`apiKey\` in the runtime of agent ${agentId}`;
  return apiKey === undefined
    ? `${baseUrl} wants a key (${status}): set ${key}${words}`
    : `${baseUrl} does not take the key (${status}): check ${key}${words}`;
}

function isPassing(status: number): boolean {
  return (
    status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505)
  );
}

/** Codes of `connect` and the like; nothing was answered at all. */
export function connectionFault(
  error: NodeJS.ErrnoException & { readonly statusCode?: number },
  baseUrl: string,
  proxy?: Proxy,
): ModelFault {
  const code = codeOf(error);
  if (
    proxy !== undefined &&
    (error.code === "ERR_PROXY_TUNNEL" || !/CERT|_SSL_|^ERR_TLS|SELF_SIGNED|UNABLE_TO_/.test(code))
  )
    return proxyFault(error, baseUrl, proxy);
  const { host, hostname, port } = new URL(baseUrl);
  const later = { remedy: "later" } as const;
  if (code === "ECONNREFUSED") {
    const isOllama = port === "11434";
    return new ModelFault(
      `nothing listens at ${host}${isOllama ? "; is Ollama running? (`ollama serve`)" : "; does the server run?"}`,
      later,
    );
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new ModelFault(`the name ${hostname} could not be looked up (${code})`, later);
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER")
    return new ModelFault(`${host} does not speak TLS (${code}): should \`baseUrl\` begin with http://?`);
  if (/CERT|_SSL_|^ERR_TLS|SELF_SIGNED|UNABLE_TO_/.test(code))
    return new ModelFault(
      `the certificate of ${host} is not trusted (${code}); one of your own can be named in NODE_EXTRA_CA_CERTS`,
    );
  if (code === "ECONNRESET" || code === "EPIPE")
    return new ModelFault(`${host} closed the connection without an answer`, later);
  return new ModelFault(`${host} could not be reached (${code || "no answer"})`, later);
}

/** A proxy did not lead to the server. */
function proxyFault(
  error: NodeJS.ErrnoException & { readonly statusCode?: number },
  baseUrl: string,
  { place, variable }: Proxy,
): ModelFault {
  const { host } = new URL(baseUrl);
  const { statusCode } = error;
  if (statusCode === 407) return new ModelFault(loginAtProxy(place, variable));
  const why = statusCode === undefined ? codeOf(error) || "no answer" : String(statusCode);
  return new ModelFault(`the proxy ${place} (${variable}) does not lead to ${host} (${why})`, {
    remedy: statusCode !== undefined && statusCode < 500 ? "none" : "later",
  });
}

function loginAtProxy(place: string, variable: string): string {
  return `the proxy ${place} wants a login (407): write it into ${variable}, as http://USER:PASSWORD@${place}`;
}

/** Several addresses of a host were tried: the first one's. */
function codeOf(error: NodeJS.ErrnoException): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  return error.code ?? inner?.code ?? "";
}

/** `Retry-After`, in seconds or as a date, and `retry-after-ms`; in ms from now. */
export function retryAfter(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const ms = Number.parseFloat(String(headers["retry-after-ms"] ?? ""));
  if (ms >= 0) return ms;
  const written = headers["retry-after"] ?? "";
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(written)) return Number(written) * 1000;
  const at = Date.parse(written);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function locationOf(headers: IncomingHttpHeaders, baseUrl: string): string {
  const location = headers.location ?? "";
  if (!URL.canParse(location, baseUrl)) return "another address";
  const { origin, pathname } = new URL(location, baseUrl);
  return `${origin}${pathname}`;
}

/** In quotes, on one line. */
export function quoted(name: string): string {
  return JSON.stringify(name);
}
