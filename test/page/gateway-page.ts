// The control page of a scenario's gateway, built from its source as it is now.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { buildPage } from "../../scripts/build-ui.ts";
import { World, type GatewayProcess, type WorldOptions } from "../scenarios/world.ts";
import { openPage, type WatchedPage } from "./chromium.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Builds the page, unless what is built is newer than every source. */
export async function buildPageIfOld(): Promise<void> {
  const built = join(ROOT, "dist/ui/index.html");
  const sources = [
    ...readdirSync(join(ROOT, "ui"), { recursive: true, encoding: "utf8" }).map((name) =>
      join(ROOT, "ui", name),
    ),
    join(ROOT, "src/control/status/topics.ts"),
  ];
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (!existsSync(built) || statSync(built).mtimeMs < newest) await buildPage();
}

/** A gateway with its page. */
export class GatewayPage {
  readonly world: World;
  readonly #browser: Browser;
  #process: GatewayProcess;

  private constructor(world: World, browser: Browser, process: GatewayProcess) {
    this.world = world;
    this.#browser = browser;
    this.#process = process;
  }

  /** Starts a gateway on a world of its own. */
  static async start(browser: Browser, options: WorldOptions = {}): Promise<GatewayPage> {
    await buildPageIfOld();
    const world = await World.create(options);
    return new GatewayPage(world, browser, await world.start());
  }

  /** SIGKILL, as a power cut would. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Starts it again, on the same port. */
  async startAgain(): Promise<void> {
    this.#process = await this.world.start();
  }

  /** A new link, for a browser on this machine. */
  async link(): Promise<string> {
    const { stdout, stderr, code } = await this.world.coderclaw("page", "--json");
    if (code !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as { here: string }).here;
  }

  /** A browser that signed in by a link and shows a view, such as `conversations/1`. */
  async open(view = "home", options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const opened = await openPage(this.#browser, await this.link(), options);
    await opened.page.waitForSelector("nav");
    if (view !== "home") await opened.page.evaluate((hash) => (location.hash = hash), `#/${view}`);
    await opened.page.waitForSelector("main h1, main h2");
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
