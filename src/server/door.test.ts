import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COOKIE, errorOf, PageWorld, PORT, TOKEN } from "../../test/server/page-world.ts";
import { addPublicUrl } from "../control/page/public-urls.ts";

let world: PageWorld;
beforeEach(async () => {
  world = await PageWorld.create();
});
afterEach(async () => world.remove());

const HTML = { accept: "text/html,application/xhtml+xml" };

describe("every answer", () => {
  test.each(["/", "/assets/a-1.js", "/nothing", "/api/home", "/api/session", "/api/sign-in"])(
    "%s keeps other pages and inline code out",
    async (path) => {
      const { headers } = await world.ask(path);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    },
  );

  test("of the page allows scripts from itself only, and no text to become HTML", async () => {
    const policy = (await world.ask("/")).headers.get("content-security-policy");
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
  });
});

describe("a foreign name", () => {
  const foreign = [
    "evil.example",
    `evil.example:${PORT}`,
    `127.0.0.1.evil.example:${PORT}`,
    "",
    "127.0.0.1",
    `127.0.0.2:${PORT}`,
  ];
  test.each(foreign)("%j as Host is refused, whatever is asked for", async (host) => {
    for (const path of ["/", "/api/home", "/api/sign-in", "/assets/a-1.js"]) {
      const response = await world.ask(path, { headers: { host, authorization: `Bearer ${TOKEN}` } });
      expect([path, response.status]).toEqual([path, 403]);
    }
  });

  const origins = [
    "https://evil.example",
    "null",
    `http://127.0.0.1:${PORT + 1}`,
    `https://127.0.0.1:${PORT}`,
    "http://127.0.0.1",
    "file://",
  ];
  test.each(origins)("%j as Origin is refused, with cookie and with token", async (origin) => {
    const browser = await world.browser();
    expect((await browser.ask("/api/sign-out", {}, { origin })).status).toBe(403);
    expect((await browser.ask("/api/home", undefined, { origin })).status).toBe(403);
    const headers = { origin, authorization: `Bearer ${TOKEN}` };
    expect((await world.ask("/api/status", { headers })).status).toBe(403);
    expect((await browser.ask("/api/session")).status).toBe(200);
  });

  test("is answered with a page that shows what was seen and the command that allows it", async () => {
    const headers = {
      ...HTML,
      host: "mac.tail1234.ts.net",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "a<b",
    };
    const response = await world.ask("/", { headers });
    expect(response.status).toBe(403);
    const html = await response.text();
    expect(html).toContain("<code>mac.tail1234.ts.net</code>");
    expect(html).toContain("<code>a&lt;b</code>");
    expect(html).toContain("coderclaw page allow &#39;https://mac.tail1234.ts.net/&#39;");
    expect(html).not.toContain("script");
  });

  test.each([
    ["192.168.1.5:18789", {}, "http://192.168.1.5:18789/"],
    ["mac.tail1234.ts.net", {}, "https://mac.tail1234.ts.net/"],
    ["mac.example", { "x-forwarded-proto": "https" }, "https://mac.example/"],
    ["mac.example", { "x-forwarded-proto": "javascript" }, "http://mac.example/"],
    ["[fd00::5]:8080", {}, "http://[fd00::5]:8080/"],
  ])("%s with %j is allowed by the command it is told, once that was run", async (host, headers, url) => {
    const told = await (await world.ask("/", { headers: { ...HTML, host, ...headers } })).text();
    expect(told).toContain(`coderclaw page allow &#39;${url}&#39;`);
    await addPublicUrl(url, world.surroundingsFile);
    world.publish(url);
    expect((await world.ask("/", { headers: { ...HTML, host, ...headers } })).status).toBe(200);
  });

  test.each([
    "evil.example'; rm -rf ~; '",
    "$(reboot)",
    "`id`",
    "a b",
    "<script>alert(1)</script>",
    "\u202eelpmaxe",
    "x".repeat(5000),
  ])("%s gets no command", async (host) => {
    const response = await world.ask("/", {
      headers: { ...HTML, host: encodeURI(host).length > 300 ? host : toHeader(host) },
    });
    const html = await response.text();
    expect(response.status).toBe(403);
    expect(html).not.toContain("page allow");
    expect(html).not.toContain("<script");
    expect(html.length).toBeLessThan(4000);
  });

  /** Headers hold Latin-1 only. */
  function toHeader(text: string): string {
    return Buffer.from(text, "utf8").toString("latin1");
  }

  test("tells a program the same as JSON", async () => {
    const headers = { host: "mac.example", authorization: `Bearer ${TOKEN}` };
    const error = await errorOf(await world.ask("/api/status", { headers }));
    expect(error).toMatchObject({
      code: "gateway/refused",
      message: 'The Host "mac.example" is not one of this server\'s.',
    });
    expect(error.hint).toContain("coderclaw page allow 'http://mac.example/'");
    expect(JSON.stringify(error)).not.toContain(TOKEN);
  });
});

describe("an address in the network", () => {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;

  test("of this machine is ours where the server listens everywhere, and only there", async () => {
    const host = `${own ?? "127.0.0.1"}:${PORT}`;
    if (own !== undefined) expect((await world.ask("/", { headers: { host } })).status).toBe(403);
    const everywhere = await PageWorld.create({ listening: () => ({ bind: "0.0.0.0", port: PORT }) });
    try {
      expect((await everywhere.ask("/", { headers: { host } })).status).toBe(200);
      expect((await everywhere.ask("/", { headers: { host: `198.51.100.7:${PORT}` } })).status).toBe(403);
      expect((await everywhere.ask("/", { headers: { host: `evil.example:${PORT}` } })).status).toBe(403);
    } finally {
      await everywhere.remove();
    }
  });
});

describe("requests that another page makes", () => {
  test.each([
    ["a post from the same site", { "sec-fetch-site": "same-site" }],
    ["a post from another site", { "sec-fetch-site": "cross-site" }],
    ["a post that was typed", { "sec-fetch-site": "none" }],
    ["a post without an origin", { origin: "" }],
  ])("%s changes nothing, cookie or not", async (_name, headers) => {
    const browser = await world.browser();
    expect((await browser.ask("/api/sign-out", {}, headers)).status).toBeGreaterThanOrEqual(401);
    expect((await browser.ask("/api/conversations/1/mute", { muted: true }, headers)).status).toBe(401);
    expect((await browser.ask("/api/session")).status).toBe(200);
  });

  test.each(["same-site", "cross-site"])("a look from %s is refused", async (site) => {
    const browser = await world.browser();
    expect((await browser.ask("/api/home", undefined, { "sec-fetch-site": site })).status).toBe(401);
  });

  test("the gateway's token never goes to a browser, and a cookie is not one", async () => {
    const browser = await world.browser();
    for (const path of ["/", "/api/session", "/api/sessions", "/api/home", "/api/config"])
      expect(await (await browser.ask(path)).text()).not.toContain(TOKEN);
    const [, secret = ""] = browser.cookie.split("=");
    expect((await world.ask("/api/status", { headers: { authorization: `Bearer ${secret}` } })).status).toBe(
      401,
    );
    expect((await world.ask("/api/status", { headers: { cookie: `${COOKIE}=${TOKEN}` } })).status).toBe(401);
  });
});

describe("below a path", () => {
  beforeEach(() => world.publish("https://mac.example/claw/", "http://box.local:8080/"));
  const host = { host: "mac.example" };

  test.each(["/claw/", "/"])(
    "the page is at %s, whether the proxy cuts the path off or not",
    async (path) => {
      const response = await world.ask(path, { headers: host });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("<title>page</title>");
    },
  );

  test("without its slash it is sent on to the one with it", async () => {
    const response = await world.ask("/claw", { headers: host });
    expect([response.status, response.headers.get("location")]).toEqual([308, "claw/"]);
  });

  test.each(["/claw/assets/a-1.js", "/assets/a-1.js"])("%s is there, and kept for good", async (path) => {
    const response = await world.ask(path, { headers: host });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toContain("immutable");
  });

  test.each(["/claw/api/home", "/api/home"])(
    "%s is asked with the cookie that a sign-in there gave",
    async (path) => {
      const browser = await world.browser("https://mac.example");
      expect((await browser.ask(path)).status).toBe(200);
    },
  );

  test("links name every address, the first one first", async () => {
    const link = await world.program<{ elsewhere: string[] }>("/api/page-links", {});
    expect(link.elsewhere.map((url) => url.split("#")[0])).toEqual([
      "https://mac.example/claw/",
      "http://box.local:8080/",
    ]);
  });
});

describe("paths", () => {
  test.each([
    "/../package.json",
    "/assets/../../package.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/..%2fpackage.json",
    "//etc/passwd",
    "/assets\\..\\..\\package.json",
    "/index.html%00.js",
    "/%",
    "/.git/config",
    "/assets/",
    "/api",
    "/API/home",
  ])("%s leads nowhere", async (path) => {
    const browser = await world.browser();
    expect((await browser.ask(path)).status).toBe(404);
  });

  test.each(["/api/../api/home", "/api//home", "/api/home/"])(
    "%s is not asked without signing in",
    async (path) => {
      expect((await world.ask(path)).status).toBeGreaterThanOrEqual(401);
    },
  );

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])("%s of the page is refused", async (method) => {
    expect((await world.ask("/", { method })).status).toBe(404);
  });

  test("a body past the limit is refused before it is read", async () => {
    const headers = { origin: `http://127.0.0.1:${PORT}` };
    const response = await world.ask("/api/sign-in", { body: { code: "x".repeat(300_000) }, headers });
    expect(response.status).toBe(413);
  });
});
