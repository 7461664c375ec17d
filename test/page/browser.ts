// A real Chromium on the control page of a real gateway: signed in by the link that `coderclaw page` prints; whatever goes wrong in it is kept.
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import type { World } from "../scenarios/world.ts";

const CHROMIUM = "/usr/bin/chromium";

/** False: the tests of the page are skipped. */
export const HAS_CHROMIUM = existsSync(CHROMIUM);

/** How the page is looked at. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** The page in a browser of its own. */
export class Visit {
  readonly page: Page;
  readonly #browser: Browser;
  /** Errors on the console, violations of the CSP, failed requests. */
  readonly troubles: string[] = [];

  private constructor(page: Page, browser: Browser) {
    this.page = page;
    this.#browser = browser;
    page.on("console", (message) => {
      if (message.type() === "error") this.troubles.push(message.text());
    });
    page.on("pageerror", (error) => this.troubles.push(String(error)));
    page.on("requestfailed", (request) => {
      // What is asked again, or of a view that was left, is given up on purpose.
      if (request.failure()?.errorText !== "net::ERR_ABORTED")
        this.troubles.push(`${request.url()} ${request.failure()?.errorText ?? ""}`);
    });
  }

  /** Opens the page signed out. */
  static async open(look: Look = {}): Promise<Visit> {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    const context: BrowserContext = await browser.newContext({
      viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
      colorScheme: look.scheme ?? "light",
    });
    return new Visit(await context.newPage(), browser);
  }

  /** Signs in by a fresh link. */
  async signIn(world: World): Promise<void> {
    const { stdout, stderr } = await world.coderclaw("page", "--no-open", "--json");
    if (stdout === "") throw new Error(stderr);
    const { here } = JSON.parse(stdout) as { here: string };
    await this.page.goto(here);
    await this.page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  }

  /** Goes to a view by the navigation. */
  async go(view: "Home" | "Inbox" | "Conversations" | "Agents" | "Config" | "Activity"): Promise<void> {
    await this.page
      .getByRole("navigation", { name: "Views" })
      .getByRole("link", { name: new RegExp(view === "Conversations" ? "Conversations|Chats" : view, "u") })
      .click();
    await this.page.getByRole("heading", { name: view, level: 1 }).waitFor();
  }

  /** Opens the conversation of this name in the list. */
  async openConversation(name: string): Promise<void> {
    await this.page.locator("a.entry", { has: this.page.locator("strong", { hasText: name }) }).click();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
