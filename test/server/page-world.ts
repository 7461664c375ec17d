// A control page without a port: requests as a browser or a program would make them, on a gateway whose accounts do nothing by themselves.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsePublicUrl, type PublicUrl } from "../../src/model/public-url.ts";
import { createApp } from "../../src/server/app.ts";
import type { AppOptions } from "../../src/server/serving.ts";
import { RunningWorld, settings, account } from "../control/running-world.ts";
import { HOME, WORK } from "../contracts/store-world.ts";
import { QUIET } from "./surroundings.ts";

export const TOKEN = "correct-horse-battery-staple";
export const PORT = 18_789;
export const COOKIE = "coderclaw_test";
const HOST = `127.0.0.1:${PORT}`;

/** A page file that tests ask for. */
const INDEX = Buffer.from("<!doctype html><title>page</title>");

export class PageWorld {
  readonly running: RunningWorld;
  readonly folder: string;
  readonly #ends: (() => void)[] = [];
  readonly app: ReturnType<typeof createApp>;

  private constructor(running: RunningWorld, changes: Partial<AppOptions>) {
    this.running = running;
    this.folder = mkdtempSync(join(running.folder, "config-"));
    this.app = createApp(running, {
      token: TOKEN,
      listening: () => ({ bind: "127.0.0.1", port: PORT }),
      probe: async () => [],
      now: () => running.world.nowMs,
      heartbeatMs: 5,
      cookieName: COOKIE,
      listener: { pid: 1, state: "0123abcd" },
      pageFiles: async () =>
        new Map([
          ["index.html", { type: "text/html; charset=utf-8", plain: INDEX, zipped: INDEX }],
          ["assets/a-1.js", { type: "text/javascript; charset=utf-8", plain: INDEX, zipped: INDEX }],
        ]),
      surroundings: { ...QUIET, configPath: join(this.folder, "coderclaw.json") },
      onClose: (end) => this.#ends.push(end),
      ...changes,
    });
  }

  static async create(changes: Partial<AppOptions> = {}): Promise<PageWorld> {
    return new PageWorld(await RunningWorld.create(), changes);
  }

  async remove(): Promise<void> {
    for (const end of this.#ends) end();
    rmSync(this.folder, { recursive: true, force: true });
    await this.running.remove();
  }

  /** The config file's text. */
  configure(text: string): void {
    writeFileSync(this.surroundingsFile, text);
  }

  get surroundingsFile(): string {
    return join(this.folder, "coderclaw.json");
  }

  /** From now on the page is reached at these addresses too. */
  publish(...addresses: readonly string[]): void {
    const publicUrls = addresses.map((text) => parsePublicUrl(text) as PublicUrl);
    this.running.settingsInForce = settings([account(HOME), account(WORK)], {
      gateway: { ...this.running.settingsInForce.gateway, publicUrls },
    });
  }

  /** A request with these headers and no others but `Host`; an empty one is left out. */
  async ask(
    path: string,
    {
      headers = {},
      body,
      method,
    }: { headers?: Record<string, string>; body?: unknown; method?: string } = {},
  ): Promise<Response> {
    const all = Object.entries({ host: HOST, ...headers }).filter(([, value]) => value !== "");
    return this.app.request(path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: Object.fromEntries(all),
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  }

  /** As a program with the token. */
  async program<T>(path: string, body?: unknown): Promise<T> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    return (await (await this.ask(path, { headers, body })).json()) as T;
  }

  /** The code of a new link. */
  async code(): Promise<string> {
    const { here } = await this.program<{ here: string }>("/api/page-links", {});
    return /#sign-in=(.+)$/.exec(here)?.[1] ?? "";
  }

  /** A browser that is signed in. */
  async browser(origin = `http://${HOST}`): Promise<Browser> {
    const browser = new Browser(this, origin);
    await browser.signIn(await this.code());
    return browser;
  }
}

/** A browser: it keeps its cookie and says where a request comes from. */
export class Browser {
  readonly #world: PageWorld;
  readonly #origin: string;
  cookie = "";

  constructor(world: PageWorld, origin: string) {
    this.#world = world;
    this.#origin = origin;
  }

  async signIn(code: string): Promise<Response> {
    const response = await this.ask("/api/sign-in", { code });
    const given = response.headers.get("set-cookie");
    if (given !== null) this.cookie = given.split(";")[0] ?? "";
    return response;
  }

  /** What the page's own script would ask; `headers` outrank the browser's own, an empty one is left out. */
  async ask(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const own: Record<string, string> = {
      host: new URL(this.#origin).host,
      "sec-fetch-site": "same-origin",
      "user-agent":
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1",
      ...(body === undefined ? {} : { origin: this.#origin }),
      ...(this.cookie === "" ? {} : { cookie: this.cookie }),
    };
    return this.#world.ask(path, { body, headers: { ...own, ...headers } });
  }

  async json<T>(path: string, body?: unknown): Promise<T> {
    return (await (await this.ask(path, body)).json()) as T;
  }
}

/** What an answer says went wrong. */
export async function errorOf(response: Response): Promise<{ code: string; message: string; hint: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string; hint: string } };
  return error;
}
