// Every view in a real browser: light and dark, on a phone, a tablet and a desk, with what people write at its worst.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../scenarios/world.ts";
import { expectAccessible, expectFits, HAS_CHROMIUM, openChromium } from "./chromium.ts";
import { GatewayPage } from "./gateway-page.ts";

const VIEWS = ["home", "inbox", "conversations", "conversations/1", "agents", "config", "activity"] as const;
const WIDTHS = [360, 768, 1280] as const;
const SCHEMES = ["light", "dark"] as const;
const ANNA = "+14155550001";
const HOSTILE =
  "<img src=x onerror=alert(1)><script>alert(2)</script>\u202edesrever\u001b[31mred\u0007 {{7*7}} ${1} " +
  "W".repeat(400);

describe.skipIf(!HAS_CHROMIUM)("views", () => {
  let browser: Browser;
  let gateway: GatewayPage;
  beforeAll(async () => {
    browser = await openChromium();
    gateway = await GatewayPage.start(browser, { imessage: { dmPolicy: "pairing", allowFrom: [ANNA] } });
    const { world } = gateway;
    await world.receive(ANNA, HOSTILE);
    await world.receive("+14155550002", HOSTILE);
    await world.sim("receive", "--from", ANNA, "--group", HOSTILE.slice(0, 300), "--text", "in a group");
    await world.coderclaw("conversations", "mute", "1");
    await until(
      async () => {
        const { stdout } = await world.coderclaw("conversations", "list", "--json");
        return (JSON.parse(stdout) as { conversations: unknown[] }).conversations.length >= 3;
      },
      () => world.lastLog(),
    );
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  const looks = WIDTHS.flatMap((width) => SCHEMES.map((scheme) => [width, scheme] as const));
  test.each(looks)(
    "at %i px, %s: nothing sticks out, nothing is too small, nothing shuts people out",
    async (width, scheme) => {
      await using opened = await gateway.open("home", {
        viewport: { width, height: 800 },
        colorScheme: scheme,
        hasTouch: width === 360,
      });
      const { page } = opened;
      const found: string[] = [];
      for (const view of VIEWS) {
        await page.evaluate((hash) => (location.hash = hash), `#/${view}`);
        await page.waitForFunction(
          () => document.querySelector("main [role=status]")?.textContent !== "Loading…",
        );
        await page.locator("main :is(h1, h2):visible").first().waitFor();
        await expectFits(page).catch((cause: unknown) => found.push(`${view}: ${String(cause)}`));
        await expectAccessible(page).catch((cause: unknown) => found.push(`${view}: ${String(cause)}`));
      }
      expect(found.join("\n")).toBe("");
    },
  );

  test("what people write is text, in every view", async () => {
    await using opened = await gateway.open("conversations/1");
    const { page } = opened;
    page.on("dialog", () => {
      throw new Error("a script of a message ran");
    });
    await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
    for (const view of VIEWS) {
      await page.evaluate((hash) => (location.hash = hash), `#/${view}`);
      await page.locator("main :is(h1, h2):visible").first().waitFor();
      expect(await page.locator("main img[src=x], main script").count()).toBe(0);
    }
  });

  test("every view has an address of its own, which a reload comes back to", async () => {
    await using opened = await gateway.open("activity");
    const { page } = opened;
    await page.reload();
    await page.getByRole("heading", { name: "Activity", level: 1 }).waitFor();
    expect(page.url()).toContain("#/activity");
    await page.goBack();
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  });
});
