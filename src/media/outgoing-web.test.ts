import { readFileSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startProxy, type TestProxy } from "../../test/fixtures/proxy.ts";
import { NO_PROXIES, Proxies } from "../lib/proxy.ts";
import { WebFiles, WORLD_WIDE_WEB, type Web } from "./outgoing-web.ts";

const tls = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}.pem`, import.meta.url));
const PUBLIC = "93.184.216.34";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let dir: string;
let answer: Answer = (_request, response) => response.end("content");
let asked: string[] = [];
let names: Record<string, readonly string[]> = {};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "web-"));
  server = createServer({ key: tls("key"), cert: tls("cert") }, (request, response) => {
    asked.push(`${request.headers.host}${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  names = { "files.test": [PUBLIC], "other.test": [PUBLIC], "inside.test": ["10.0.0.1"] };
});

/** Names as a test says; every public address is the test's own server. */
const web: Web = {
  resolve: async (host) =>
    (names[host] ?? [host]).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  dial: (host, addresses) => {
    expect(addresses.map(({ address }) => address)).toEqual(names[host]);
    return {
      host: "127.0.0.1",
      port: (server.address() as AddressInfo).port,
      servername: host,
      ca: tls("cert"),
    };
  },
  tunnel: () => ({ ca: tls("cert") }),
};

async function download(
  address: string,
  { maxBytes = 1000, limitMs = 5000, signal = new AbortController().signal, proxies = NO_PROXIES } = {},
) {
  const path = join(dir, "part");
  const target = await open(path, "w");
  try {
    const found = await new WebFiles(web, limitMs, proxies).download(address, target, { maxBytes, signal });
    return { ...found, content: await readFile(path, "utf8") };
  } finally {
    await target.close();
  }
}

async function refusal(address: string, options: Parameters<typeof download>[1] = {}) {
  return download(address, options).then(
    () => "taken",
    (cause: unknown) => (cause as { code?: string }).code ?? String(cause),
  );
}

function redirect(location: string): void {
  answer = ({ url }, response) => {
    if (url === "/start") response.writeHead(302, { location }).end();
    else response.end("the end");
  };
}

describe("a download", () => {
  test("gives the content, its name and its hash; nothing is asked for packed", async () => {
    answer = ({ headers }, response) => response.end(headers["accept-encoding"]);
    const found = await download("https://files.test/a%20b/chart%201.png?x=1#y");
    expect(found).toMatchObject({ name: "chart 1.png", content: "identity", bytes: 8 });
    expect(found.hash).toMatch(/^[\da-f]{64}$/);
    expect(asked).toEqual(["files.test/a%20b/chart%201.png?x=1"]);
  });

  test("follows redirects, from host to host", async () => {
    redirect("https://other.test/end.txt");
    expect(await download("https://files.test/start")).toMatchObject({ name: "end.txt", content: "the end" });
    expect(asked).toEqual(["files.test/start", "other.test/end.txt"]);
  });

  test("checks the certificate", async () => {
    names["third.test"] = [PUBLIC];
    expect(await refusal("https://third.test/a")).toBe("media/unreachable");
    expect(asked).toEqual([]);
  });
});

describe("nothing is asked of", () => {
  test.each([
    "https://inside.test/a",
    "https://127.0.0.1/a",
    "https://0x7f.1/a",
    "https://2130706433/a",
    "https://[::1]/a",
    "https://[::ffff:127.0.0.1]/a",
    "https://169.254.169.254/latest/meta-data",
    "http://files.test/a",
    "https://user:secret@files.test/a",
    "https://",
    "ftp://files.test/a",
  ])("%s", async (address) => {
    expect(await refusal(address)).toBe("media/outside");
    expect(asked).toEqual([]);
  });

  test("a host with one private address among public ones", async () => {
    names["mixed.test"] = [PUBLIC, "::1"];
    expect(await refusal("https://mixed.test/a")).toBe("media/outside");
    expect(asked).toEqual([]);
  });

  test.each([
    "http://files.test/a",
    "https://inside.test/a",
    "https://127.0.0.1/a",
    "//[::1]/a",
    "file:///etc/passwd",
  ])("a redirect to %s", async (location) => {
    redirect(location);
    expect(await refusal("https://files.test/start")).toBe("media/outside");
    expect(asked).toEqual(["files.test/start"]);
  });
});

describe("refused is", () => {
  test("what is too large, said or not", async () => {
    answer = (_request, response) => response.end("x".repeat(1001));
    expect(await refusal("https://files.test/a")).toBe("media/too-large");
    answer = (_request, response) => {
      const pour = (): void => {
        while (response.write("x".repeat(600)));
        response.once("drain", pour);
      };
      pour();
    };
    expect(await refusal("https://files.test/a")).toBe("media/too-large");
  });

  test.each([
    [404, {}, "media/missing"],
    [500, {}, "media/failed"],
    [206, {}, "media/failed"],
    [302, {}, "media/failed"],
    [200, { "content-type": "text/html; charset=utf-8" }, "media/not-a-file"],
    [200, { "content-encoding": "gzip" }, "media/failed"],
  ])("status %s with %j", async (status, headers, code) => {
    answer = (_request, response) => response.writeHead(status, headers).end("x");
    expect(await refusal("https://files.test/a")).toBe(code);
  });

  test("what leads round and round, breaks off, or takes too long", async () => {
    answer = ({ url }, response) => response.writeHead(302, { location: `${url}x` }).end();
    expect(await refusal("https://files.test/a")).toBe("media/failed");
    expect(asked).toHaveLength(6);
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    };
    expect(await refusal("https://files.test/a")).toMatch(/^media\/(?:failed|unreachable)$/);
    answer = (_request, response) => void response.write("and");
    expect(await refusal("https://files.test/a", { limitMs: 200 })).toBe("media/timeout");
  });

  test("what is stopped", async () => {
    answer = () => stop.abort();
    const stop = new AbortController();
    expect(await refusal("https://files.test/a", { signal: stop.signal })).toBe("media/unreachable");
  });
});

describe("through a proxy", () => {
  let proxy: TestProxy;
  let proxies: Proxies;
  const variables: Record<string, string> = {};
  beforeEach(async () => {
    proxy = await startProxy("me:secret");
    const { port } = server.address() as AddressInfo;
    for (const host of ["files.test", "other.test", "far.test"]) proxy.hosts.set(host, port);
    variables["HTTPS_PROXY"] = proxy.url;
    variables["NO_PROXY"] = "";
    proxies = new Proxies((name) => variables[name]);
    answer = (_request, response) => response.end("content");
  });
  afterEach(async () => proxy.close());

  test("a file, and what it redirects to", async () => {
    redirect("https://other.test/end.txt");
    expect(await download("https://files.test/start", { proxies })).toMatchObject({ content: "the end" });
    expect(proxy.asked).toEqual(["CONNECT files.test:443", "CONNECT other.test:443"]);
  });

  test("a host whose name only the proxy knows", async () => {
    names["far.test"] = [];
    expect(await refusal("https://far.test/a", { proxies })).toMatch(/taken|unreachable/u);
    expect(proxy.asked).toEqual(["CONNECT far.test:443"]);
  });

  test("not for NO_PROXY", async () => {
    variables["NO_PROXY"] = "files.test";
    expect(await download("https://files.test/a", { proxies })).toMatchObject({ content: "content" });
    expect(proxy.asked).toEqual([]);
  });

  test.each([
    "https://inside.test/a",
    "https://10.0.0.1/a",
    "https://[fd00::1]/a",
    "https://169.254.169.254/latest/meta-data",
    "https://2130706433/a",
    "https://intranet/a",
    "https://printer.local/a",
    "https://vault.internal./a",
  ])("nothing of a private network: %s", async (address) => {
    expect(await refusal(address, { proxies })).toBe("media/outside");
    expect(proxy.asked).toEqual([]);
  });

  test("a redirect to a private network is refused", async () => {
    redirect("https://inside.test/a");
    expect(await refusal("https://files.test/start", { proxies })).toBe("media/outside");
    expect(proxy.asked).toEqual(["CONNECT files.test:443"]);
  });

  test("one that refuses, or that never answers; its login is told nobody", async () => {
    proxy.connects = 403;
    const { port } = new URL(proxy.url);
    await expect(download("https://files.test/a", { proxies })).rejects.toThrow(
      `the proxy 127.0.0.1:${port} (HTTPS_PROXY) does not lead to files.test (403)`,
    );
    proxy.connects = "never";
    expect(await refusal("https://files.test/a", { proxies, limitMs: 300 })).toBe("media/timeout");
    variables["HTTPS_PROXY"] = "socks5://me:secret@127.0.0.1:1";
    await expect(download("https://files.test/a", { proxies })).rejects.toThrow(
      /^(?!.*secret).*HTTPS_PROXY/u,
    );
  });
});

test("the real connection goes to the addresses that were checked", async () => {
  const { lookup } = WORLD_WIDE_WEB.dial("files.test", [{ address: PUBLIC, family: 4 }]);
  const found = await new Promise((resolve) =>
    lookup?.("files.test", { all: true }, (_error, addresses) => resolve(addresses)),
  );
  expect(found).toEqual([{ address: PUBLIC, family: 4 }]);
  expect(await WORLD_WIDE_WEB.resolve("127.0.0.1")).toEqual([{ address: "127.0.0.1", family: 4 }]);
});
