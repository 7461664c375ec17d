// Signing in, in a real browser: links, what becomes of them, sessions that end, proxies and other addresses.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible, HAS_CHROMIUM, openChromium, openPage } from "./chromium.ts";
import { GatewayPage } from "./gateway-page.ts";
import { startProxy } from "./small-proxy.ts";

describe.skipIf(!HAS_CHROMIUM)("in a browser", () => {
  let browser: Browser;
  let gateway: GatewayPage;
  beforeAll(async () => {
    browser = await openChromium();
    gateway = await GatewayPage.start(browser);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  test("a link opens the page, is gone from the address at once, and takes six requests", async () => {
    await using opened = await openPage(browser, await gateway.link());
    const { page, requests } = opened;
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
    expect(page.url()).not.toContain("sign-in");
    expect(requests.length).toBeLessThanOrEqual(6);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.reload();
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
  });

  test("a link that was used says so and what to do, to everybody but who is signed in", async () => {
    const link = await gateway.link();
    await using first = await openPage(browser, link);
    await first.page.getByRole("heading", { name: "Accounts" }).waitFor();
    await using second = await openPage(browser, link);
    second.expectTrouble("401", "403");
    await second.page.getByText("This link has been used").waitFor();
    await expectAccessible(second.page);
    expect(await second.page.getByText("coderclaw page").count()).toBeGreaterThan(0);
    first.expectTrouble("403");
    await first.page.goto("about:blank");
    await first.page.goto(link);
    await first.page.getByRole("heading", { name: "Accounts" }).waitFor();
  });

  test("a link from Messages waits for a press, so that a preview does not use it up", async () => {
    const link = (await gateway.link()).replace("#sign-in=", "#sign-in-here=");
    await using opened = await openPage(browser, link);
    opened.expectTrouble("401");
    await opened.page.getByRole("button", { name: "Sign in on this device" }).click();
    await opened.page.getByRole("heading", { name: "Accounts" }).waitFor();
  });

  test("a session that the command line revokes ends under the open page", async () => {
    await using opened = await gateway.open();
    opened.expectTrouble("401", "ERR_INCOMPLETE_CHUNKED_ENCODING");
    const { stdout } = await gateway.world.coderclaw("gateway", "sessions", "list", "--json");
    const { sessions } = JSON.parse(stdout) as { sessions: { id: number }[] };
    const newest = Math.max(...sessions.map(({ id }) => id));
    await gateway.world.coderclaw("gateway", "sessions", "revoke", `${newest}`);
    await opened.page.reload();
    await opened.page.getByRole("heading", { name: "Sign in to CoderClaw" }).waitFor();
  });

  test("another address gets a page that names it and the command, which works", async () => {
    const { port } = new URL(await gateway.link());
    await using proxy = await startProxy({
      upstreamPort: Number(port),
      path: "",
      cutsPath: false,
      passesHost: true,
    });
    const address = `http://127.0.0.1:${proxy.port}/`;
    await using opened = await openPage(browser, address);
    opened.expectTrouble("403");
    await opened.page.getByRole("heading", { name: "This address is not allowed" }).waitFor();
    await expectAccessible(opened.page);
    expect(await opened.page.locator("pre").textContent()).toBe(`coderclaw page allow '${address}'`);
    await gateway.world.coderclaw("page", "allow", address);
    await expect.poll(async () => (await fetch(address)).status, { timeout: 10_000 }).toBe(200);
  });

  test.each([
    ["cuts the path off and passes the name on", true, true],
    ["leaves the path and passes the name on", false, true],
    ["leaves the path and asks under our own name", false, false],
    ["cuts the path off and asks under our own name", true, false],
  ])("below a path, behind a proxy that %s", async (_name, cutsPath, passesHost) => {
    const { port } = new URL(await gateway.link());
    await using proxy = await startProxy({ upstreamPort: Number(port), path: "/claw", cutsPath, passesHost });
    const base = `http://127.0.0.1:${proxy.port}/claw/`;
    await gateway.world.coderclaw("page", "allow", base);
    await expect
      .poll(
        async () => {
          const { stdout } = await gateway.world.coderclaw("page", "--json");
          return (JSON.parse(stdout) as { elsewhere: string[] }).elsewhere.some((url) =>
            url.startsWith(base),
          );
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    const code = (await gateway.link()).split("#")[1];
    await using opened = await openPage(browser, `${base}#${code}`);
    await opened.page.getByRole("heading", { name: "Accounts" }).waitFor();
    await opened.page.getByRole("link", { name: "Activity" }).click();
    await opened.page.getByRole("heading", { name: "Activity" }).waitFor();
    expect((await opened.page.context().cookies()).map(({ path }) => path)).toEqual(["/claw/"]);
  });
});
