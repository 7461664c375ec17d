import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { textOf } from "../../../test/contracts/agent.contract.ts";
import { say } from "../../../test/fixtures/agents/model-server.ts";
import { openModelWorld } from "../../../test/fixtures/agents/model-world.ts";
import { startProxy, type TestProxy } from "../../../test/fixtures/proxy.ts";
import { Proxies } from "../../lib/proxy.ts";

const { ask, open, reasonOf, server } = await openModelWorld();

let proxy: TestProxy;
let variables: Record<string, string>;
beforeEach(async () => {
  proxy = await startProxy("me:secret");
  proxy.hosts.set("model.test", Number(new URL(server.baseUrl).port));
  variables = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
});
afterEach(async () => proxy.close());

const through = (baseUrl: string, connectMs = 5000) =>
  open(
    { baseUrl, apiKey: "key" },
    { proxies: new Proxies((name) => variables[name]), patience: { connectMs, stallMs: 5000 } },
  );

test("a model is asked through it, and so is the list of its models", async () => {
  server.models = ["crab"];
  const runtime = through("http://model.test/v1");
  expect(textOf(await ask(runtime))).toBe("Heard: hello");
  expect((await runtime.offers("s"))?.models).toEqual([{ id: "crab", name: "crab" }]);
  expect(proxy.asked).toEqual([
    "POST http://model.test/v1/chat/completions",
    "GET http://model.test/v1/models",
  ]);
  expect(server.chats.at(-1)?.headers).not.toHaveProperty("proxy-authorization");
});

test("a model of this machine, or of NO_PROXY, is asked directly", async () => {
  expect(textOf(await ask(through(server.baseUrl)))).toBe("Heard: hello");
  variables["NO_PROXY"] = "*.invalid";
  expect(await reasonOf(through("http://model.invalid/v1"))).toContain("could not be looked up");
  expect(proxy.asked).toEqual([]);
});

test("reasons name the proxy and its variable, and no login", async () => {
  const place = new URL(proxy.url).host;
  const reasons = [
    [
      "https://nowhere.test/v1",
      `the proxy ${place} (HTTPS_PROXY) does not lead to nowhere.test (502) (tried 5 times)`,
    ],
    ["http://nowhere.test/v1", "http://nowhere.test/v1 cannot answer now (502) (tried 5 times)"],
  ] as const;
  for (const [baseUrl, reason] of reasons) expect(await reasonOf(through(baseUrl))).toBe(reason);
  variables = { HTTP_PROXY: `http://${place}`, HTTPS_PROXY: `http://${place}` };
  expect(await reasonOf(through("https://model.test/v1"))).toBe(
    `the proxy ${place} wants a login (407): write it into HTTPS_PROXY, as http://USER:PASSWORD@${place}`,
  );
  expect(await reasonOf(through("http://model.test/v1"))).toContain(
    "the proxy (HTTP_PROXY) wants a login (407)",
  );
  variables = { HTTPS_PROXY: "socks5://me:secret@127.0.0.1:1" };
  expect(await reasonOf(through("https://model.test/v1"))).toBe(
    'HTTPS_PROXY names a proxy of the kind "socks5:"; only http: and https: can be used',
  );
  variables = { HTTPS_PROXY: "http://127.0.0.1:1" };
  expect(await reasonOf(through("https://model.test/v1"))).toContain(
    "the proxy 127.0.0.1:1 (HTTPS_PROXY) does not lead to model.test (ECONNREFUSED)",
  );
});

test("one that never connects is not waited for, and a stopped turn does not wait either", async () => {
  proxy.connects = "never";
  expect(await reasonOf(through("https://model.test/v1", 50))).toContain(
    `model.test could not be reached through the proxy ${new URL(proxy.url).host} (HTTPS_PROXY) within 0.05 s`,
  );
  const stop = new AbortController();
  const running = ask(through("https://model.test/v1"), { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  expect(await running).toEqual([]);
});

test("a model that is slow to answer is waited for, once it is connected", async () => {
  server.next((response, asked) => void setTimeout(() => say("slow")(response, asked), 600));
  expect(textOf(await ask(through("http://model.test/v1", 300)))).toBe("slow");
});

test("TLS goes through it to the server, whose certificate is checked", async () => {
  const pem = (name: string) =>
    readFileSync(new URL(`../../../test/fixtures/tls/${name}.pem`, import.meta.url));
  const secure = createServer({ cert: pem("cert"), key: pem("key") }).listen(0, "127.0.0.1");
  await once(secure, "listening");
  proxy.hosts.set("secure.test", (secure.address() as AddressInfo).port);
  expect(await reasonOf(through("https://secure.test/v1"))).toMatch(
    /^the certificate of secure\.test is not trusted/u,
  );
  expect(proxy.asked).toEqual(["CONNECT secure.test:443"]);
  secure.closeAllConnections();
  secure.close();
});
