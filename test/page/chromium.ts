// A real Chromium on the control page of a real gateway; anything a page complains about fails the test that opened it.
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "vitest";

const PROGRAM = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));

/** False: there is no browser here, and its tests are skipped. */
export const HAS_CHROMIUM = PROGRAM !== undefined;

if (!HAS_CHROMIUM)
  process.stderr.write("SKIPPED: no Chromium here; install chromium for the tests of the control page\n");

/** Nothing of it may reach for the network by itself. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser. */
export async function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM ?? "", args: ARGUMENTS });
}

/** A page that remembers what went wrong in it. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Requests of the page so far, as `GET /api/home`. */
  readonly requests: readonly string[];
  /** What is expected to go wrong from now on: a status such as `401`, or a part of a message. */
  expectTrouble(...what: readonly string[]): void;
}

/** Opens an address in a context of its own. Closing it fails where anything went wrong that was not expected. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const trouble: string[] = [];
  const expected: string[] = [];
  const requests: string[] = [];
  let isClosing = false;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // What the page itself gave up, as it does when a view is left.
    if (!isClosing && why !== "net::ERR_ABORTED") trouble.push(`failed: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) trouble.push(`status: ${response.status()} ${response.url()}`);
  });
  page.on("request", (request) => {
    const { pathname, protocol } = new URL(request.url());
    if (protocol.startsWith("http")) requests.push(`${request.method()} ${pathname}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  return {
    page,
    requests,
    expectTrouble: (...what) => void expected.push(...what),
    async [Symbol.asyncDispose]() {
      isClosing = true;
      await context.close();
      expect(trouble.filter((line) => !expected.some((part) => line.includes(part)))).toEqual([]);
    },
  };
}

/** Fails for what WCAG 2.2 A and AA forbid, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  // There are no frames, and what passes is not of interest: both make it several times faster.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  const { violations } = await axe.withTags(tags).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`,
  );
  expect(found.join("\n")).toBe("");
}

/** Fails where the page is wider than its window, or something to press is smaller than a finger. */
export async function expectFits(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const describe = (one: Element): string =>
      `${one.tagName} ${one.className} ${one.textContent?.slice(0, 40)}`;
    const all = [...document.querySelectorAll<HTMLElement>("body *")].filter((one) => one.checkVisibility());
    const out =
      scrollWidth > clientWidth
        ? all.filter((one) => one.getBoundingClientRect().right > clientWidth + 1)
        : [];
    const targets = all.filter((one) => one.matches("button, nav a, .button, select, input, summary"));
    const small = targets.filter((one) => {
      const { width, height } = one.getBoundingClientRect();
      return width > 0 && (height < 24 || width < 24);
    });
    return { out: out.slice(0, 4).map(describe), small: small.slice(0, 4).map(describe) };
  });
  expect(found).toEqual({ out: [], small: [] });
}
