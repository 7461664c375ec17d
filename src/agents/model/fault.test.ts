import { readFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import {
  chunk,
  say,
  sendError,
  sendJson,
  sendText,
  stream,
} from "../../../test/fixtures/agents/model-server.ts";
import { openModelWorld } from "../../../test/fixtures/agents/model-world.ts";
import { retryAfter } from "./fault.ts";

const KEY = "sk-this-is-the-key";
const { ask, lines, open, reasonOf, server, tries } = await openModelWorld();

describe("what is tried again", () => {
  test.each([
    ["too many requests", sendError(429, "slow down")],
    ["too many requests, with a wait", sendError(429, "slow down", { "retry-after": "0" })],
    ["a server that is busy", sendError(503, "loading model")],
    ["a closed connection", (response: { destroy(): void }) => response.destroy()],
    [
      "an error at the start of a stream",
      stream(['data: {"error":{"message":"overloaded","code":503}}\n\n']),
    ],
    ["an answer that stops before it says anything", stream([chunk({ content: "" })])],
    ["nothing said", say("")],
    ["nothing at all", stream([])],
    ["an error as a text", stream(['data: {"error":"busy"}\n\n'])],
    ["an error that is no JSON", stream(["data: [ERROR] busy\n\n"])],
    ["an error as an event", stream(["event: error\ndata: busy\n\n"])],
    [
      "an error of a kind",
      stream(['data: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n']),
    ],
    ["words in place of choices", stream(['data: {"code":"busy","msg":"busy"}\n\n'])],
  ])("%s", async (_name, answer) => {
    server.next(answer, answer);
    expect(await ask(open())).not.toContainEqual(expect.objectContaining({ kind: "failed" }));
    expect(tries()).toBe(3);
  });

  test("five times in all, then it is a failure that says so", async () => {
    server.next(...Array.from({ length: 5 }, () => sendError(502, "bad gateway")));
    expect(await reasonOf(open())).toBe(
      `${server.baseUrl} cannot answer now (502); it says: bad gateway (tried 5 times)`,
    );
    expect(tries()).toBe(5);
  });

  test("not when the server asks for more time than the turn has", async () => {
    server.next(sendError(429, "quota", { "retry-after": "3600" }));
    expect(await reasonOf(open())).toBe(
      `${server.baseUrl} is asked too often, or is busy (429); it says: quota (it asks to wait 3600 s)`,
    );
    expect(tries()).toBe(1);
  });

  test("not once something was said: the failure is passing", async () => {
    const runtime = open();
    // From now on its words are passed on as they come.
    await ask(runtime);
    server.next(stream([chunk({ content: "half of" }), 'data: {"choi']));
    expect(await ask(runtime)).toEqual([
      { kind: "text", text: "half of" },
      {
        kind: "failed",
        code: "agent/failed",
        reason: "the answer ended in the middle, after the answer had begun",
        passing: true,
      },
    ]);
    expect(tries()).toBe(2);
  });
});

test.each([
  [{ "retry-after": "7" }, 7000],
  [{ "retry-after": " 1.5 " }, 1500],
  [{ "retry-after": "Sun, 22 Nov 2026 12:00:30 GMT" }, 30_000],
  [{ "retry-after": "Sun, 22 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after": "7", "retry-after-ms": "250" }, 250],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("a server that asks to wait by %j", (headers, ms) => {
  expect(retryAfter(headers, Date.parse("2026-11-22T12:00:00Z"))).toBe(ms);
});

describe("reasons", () => {
  test.each([
    [
      "a wrong key",
      { apiKey: KEY },
      sendError(401, `Incorrect API key provided: ${KEY}`),
      "BASE does not take the key (401): check `apiKey` in the runtime of agent main; it says: Incorrect API key provided: ••••",
    ],
    ["no key", {}, sendError(401, ""), "BASE wants a key (401): set `apiKey` in the runtime of agent main"],
    [
      "no credit",
      { apiKey: KEY },
      sendJson(429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }),
      "BASE gives no answer without payment (429); it says: You exceeded your current quota",
    ],
    [
      "not there",
      {},
      sendText(404, "404 page not found"),
      'BASE has no /chat/completions, or no model "crab" (404): check `baseUrl` (it mostly ends in /v1) and `model` in the runtime of agent main; it says: 404 page not found',
    ],
    [
      "elsewhere",
      {},
      sendText(301, "", { location: "https://b.example/v2/chat/completions?key=x" }),
      "BASE sends on to https://b.example/v2/chat/completions (301), which is not followed: write the address it has now as `baseUrl` in the runtime of agent main",
    ],
    [
      "a web page",
      {},
      sendText(200, "\n<!doctype html><p>hi"),
      "BASE/chat/completions answered with a web page: is `baseUrl` in the runtime of agent main the address of an OpenAI-compatible API?",
    ],
    [
      "other JSON",
      {},
      sendJson(200, { status: "ok" }),
      "BASE/chat/completions answered with JSON of another kind: is `baseUrl` in the runtime of agent main the address of an OpenAI-compatible API?",
    ],
    [
      "another text",
      {},
      sendText(200, "It works!"),
      "BASE/chat/completions answered with text of another kind: is `baseUrl` in the runtime of agent main the address of an OpenAI-compatible API?",
    ],
    [
      "half of an object",
      {},
      stream(['{"choices":[']),
      "BASE/chat/completions answered with what is no JSON: is `baseUrl` in the runtime of agent main the address of an OpenAI-compatible API?",
    ],
    [
      "an error in the words of others",
      {},
      sendJson(422, { detail: "model field\u2028required" }),
      "BASE refused the message (422); it says: model field required",
    ],
    ["an error page", {}, sendText(400, "<html>Bad"), "BASE refused the message (400)"],
    [
      "thoughts until the room is used up",
      {},
      stream([chunk({ reasoning_content: "hm" }), chunk({}, "length")]),
      'model "crab" used up the room for its answer before it said anything',
    ],
    ["a filter", {}, stream([chunk({}, "content_filter")]), "a filter of BASE kept the answer back"],
    [
      "an error in a stream that will not pass",
      {},
      stream(['data: {"error":{"message":"bad image","code":400}}\n\n']),
      "BASE refused the message (400); it says: bad image",
    ],
    [
      "a wrong key, told in a stream",
      { apiKey: KEY },
      stream([
        `event: error\ndata: {"type":"error","error":{"type":"authentication_error","message":"bad key ${KEY}"}}\n\n`,
      ]),
      "BASE does not take the key (401): check `apiKey` in the runtime of agent main; it says: bad key ••••",
    ],
    [
      "an error of a validator",
      {},
      sendJson(422, { detail: [{ loc: ["body", "model"], msg: "field required", type: "missing" }] }),
      "BASE refused the message (422); it says: field required",
    ],
    [
      "an error of the provider behind the server",
      {},
      sendJson(400, {
        error: { message: "Provider returned error", metadata: { raw: '{"error":{"message":"bad role"}}' } },
      }),
      "BASE refused the message (400); it says: Provider returned error: bad role",
    ],
    [
      "an error as a list",
      {},
      sendJson(200, [{ error: { code: 400, message: "bad role", status: "INVALID_ARGUMENT" } }]),
      "BASE refused the message (400); it says: bad role",
    ],
    [
      "an error by number",
      {},
      sendJson(400, { base_resp: { status_code: 1004, status_msg: "bad role" } }),
      "BASE refused the message (400); it says: bad role",
    ],
    [
      "an error in no known words",
      {},
      sendJson(400, { oops: 7 }),
      'BASE refused the message (400); it says: {"oops":7}',
    ],
  ])("%s", async (_name, settings, answer, reason) => {
    server.next(answer);
    expect(await reasonOf(open(settings))).toBe(reason.replace("BASE", server.baseUrl));
    expect(tries()).toBe(1);
    expect(lines.join("")).not.toContain(KEY);
  });

  test("a model that is not there: those that are, the nearest first", async () => {
    server.models = ["ant", "bee", "craw", "cat", "dog", "eel", "fox", "gnu", "crabs:7b"];
    server.next(sendError(404, 'model "crab" not found'));
    expect(await reasonOf(open())).toBe(
      `${server.baseUrl} has no model "crab": it has crabs:7b, craw, cat, ant, bee, dog, eel, fox, and 1 more`,
    );
    server.models = [];
    server.next(sendError(404, 'model "crab" not found'));
    expect(await reasonOf(open())).toBe(`${server.baseUrl} has no model "crab": it has none`);
  });

  test("baseUrl without /v1", async () => {
    expect(await reasonOf(open({ baseUrl: server.baseUrl.replace("/v1", "") }))).toContain(
      "check `baseUrl` (it mostly ends in /v1)",
    );
  });

  test("nobody listens, the name is unknown, no TLS there", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as { port: number };
    free.close();
    await once(free, "close");
    expect(await reasonOf(open({ baseUrl: `http://127.0.0.1:${port}/v1` }))).toBe(
      `nothing listens at 127.0.0.1:${port}; does the server run? (tried 5 times)`,
    );
    expect(await reasonOf(open({ baseUrl: server.baseUrl.replace("http:", "https:") }))).toContain(
      "does not speak TLS",
    );
    expect(await reasonOf(open({ baseUrl: "http://nowhere.invalid/v1" }))).toContain(
      "the name nowhere.invalid could not be looked up",
    );
  });

  test("a certificate that nobody vouches for; nothing is sent to it", async () => {
    const pem = (name: string) =>
      readFileSync(new URL(`../../../test/fixtures/tls/${name}.pem`, import.meta.url));
    let asked = 0;
    const secure = createSecureServer({ cert: pem("cert"), key: pem("key") }, () => asked++);
    secure.listen(0, "127.0.0.1");
    await once(secure, "listening");
    const { port } = secure.address() as { port: number };
    expect(await reasonOf(open({ baseUrl: `https://127.0.0.1:${port}/v1`, apiKey: KEY }))).toMatch(
      /^the certificate of 127\.0\.0\.1:\d+ is not trusted \([A-Z_]+\); one of your own can be named in NODE_EXTRA_CA_CERTS$/,
    );
    secure.close();
    expect(asked).toBe(0);
  });
});
