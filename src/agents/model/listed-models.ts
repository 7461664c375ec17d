// The models that an API says it has, asked for now and then.
import type { Proxies } from "../../lib/proxy.ts";
import { call, pieces, readStart, type Patience } from "./call.ts";
import type { Place } from "./fault.ts";
import { member } from "./said.ts";

const TIMEOUT_MS = 5000;
const FRESH_MS = 60_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Asks for the list, at most once a minute. */
export class ListedModels {
  readonly #place: Place;
  readonly #patience: Patience;
  readonly #proxies: Proxies | undefined;
  #asked: { readonly atMs: number; readonly names: Promise<readonly string[] | undefined> } | undefined;

  constructor(place: Place, patience: Patience, proxies: Proxies | undefined) {
    this.#place = place;
    this.#patience = patience;
    this.#proxies = proxies;
  }

  /** The names, in the API's order; undefined when it does not say. Contract: never rejects. */
  async names(): Promise<readonly string[] | undefined> {
    const now = performance.now();
    if (this.#asked === undefined || now - this.#asked.atMs > FRESH_MS)
      this.#asked = { atMs: now, names: this.#ask().catch(() => undefined) };
    return this.#asked.names;
  }

  async #ask(): Promise<readonly string[] | undefined> {
    const { baseUrl, apiKey } = this.#place;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const list = { baseUrl, path: "/models", apiKey, proxies: this.#proxies };
    const response = await call(list, this.#patience, signal);
    const text = await readStart(pieces(response, this.#patience, signal), MAX_BYTES);
    if (response.statusCode !== 200) return undefined;
    const data = member(JSON.parse(text), "data");
    if (!Array.isArray(data)) return undefined;
    return data.map((one: unknown) => member(one, "id")).filter((id) => typeof id === "string");
  }
}

/** Up to so many names, those that share most letters from the start with what was asked for first. */
export function nearNames(wanted: string, names: readonly string[], most: number): readonly string[] {
  return names
    .map((name) => ({ name, shared: sharedStart(wanted.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => b.shared - a.shared)
    .slice(0, most)
    .map(({ name }) => name);
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
