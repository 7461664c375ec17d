import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunningWorld } from "../../test/control/running-world.ts";
import { ANNA, BERT, HOME } from "../../test/contracts/store-world.ts";
import { QUIET } from "../../test/server/surroundings.ts";
import { createApp } from "./app.ts";

const TOKEN = "correct-horse-battery-staple";
const PORT = 18_789;

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => running.remove());

/** Asks as the command line would; `headers` outrank its own, an empty one is left out. */
async function ask(
  path: string,
  { headers = {}, body, method = body === undefined ? "GET" : "POST" }: Asking = {},
): Promise<Response> {
  const app = createApp(running, {
    token: TOKEN,
    listening: () => ({ bind: "192.0.2.7", port: PORT }),
    probe: async ({ id }) => [{ check: "rpc", ok: id === HOME, detail: "asked", fix: undefined }],
    now: () => running.world.nowMs,
    heartbeatMs: 5,
    cookieName: "coderclaw_test",
    listener: { pid: 1, state: "0123abcd" },
    pageFiles: async () => new Map(),
    surroundings: QUIET,
    onClose: () => {},
  });
  const all = { host: `127.0.0.1:${PORT}`, authorization: `Bearer ${TOKEN}`, ...headers };
  const given = Object.entries(all).filter(([, value]) => value !== "");
  return app.request(path, {
    method,
    headers: Object.fromEntries(given),
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

interface Asking {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly method?: string;
}

async function errorOf(response: Response): Promise<{ code: string; message: string; hint: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string; hint: string } };
  return error;
}

describe("who may ask", () => {
  const refused: readonly [string, Record<string, string>, number][] = [
    ["no token", { authorization: "" }, 401],
    ["another token", { authorization: "Bearer wrong" }, 401],
    ["the beginning of the token", { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ["more than the token", { authorization: `Bearer ${TOKEN}x` }, 401],
    ["another scheme", { authorization: `Basic ${TOKEN}` }, 401],
    ["a foreign host", { host: `evil.example:${PORT}` }, 403],
    ["a foreign host that begins like ours", { host: `127.0.0.1.evil.example:${PORT}` }, 403],
    ["another port", { host: "127.0.0.1:1" }, 403],
    ["no port", { host: "127.0.0.1" }, 403],
    ["no host", { host: "" }, 403],
    ["another origin", { origin: "https://evil.example" }, 403],
    ["another port's origin", { origin: "http://127.0.0.1:1" }, 403],
    ["an origin that hides", { origin: "null" }, 403],
  ];
  test.each(refused)("%s is refused", async (_name, headers, status) => {
    const response = await ask("/api/status", { headers });
    expect(response.status).toBe(status);
    const error = await errorOf(response);
    expect(error.code).toBe("gateway/refused");
    expect(error.hint).not.toBe("");
    expect(JSON.stringify(error)).not.toContain(TOKEN);
  });

  const answered: readonly [string, Record<string, string>][] = [
    ["by address", {}],
    ["by name", { host: `localhost:${PORT}` }],
    ["by IPv6 address", { host: `[::1]:${PORT}` }],
    ["by the address it is bound to", { host: `192.0.2.7:${PORT}` }],
    ["from its own page", { origin: `http://127.0.0.1:${PORT}` }],
  ];
  test.each(answered)("%s it answers", async (_name, headers) => {
    const response = await ask("/api/status", { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("server")).toBe("coderclaw");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("a path that is not there is refused without saying more to strangers", async () => {
    expect((await ask("/api/nothing", { headers: { authorization: "" } })).status).toBe(401);
    expect((await ask("/api/nothing")).status).toBe(404);
    expect((await ask("/")).status).toBe(404);
  });
});

test("status is the report of the running gateway", async () => {
  const report = (await (await ask("/api/status")).json()) as Record<string, unknown>;
  expect(report["gateway"]).toMatchObject({ running: true, pid: 4711, version: "1.2.3" });
  expect(report["accounts"]).toMatchObject([{ id: "home", state: "running" }, { id: "work" }]);
});

test("explain answers by guid, however odd, and says when there is none", async () => {
  const guid = "p:0/A B#?%";
  await running.world.decide([running.world.message(ANNA, "hello", { guid: guid as never })]);
  const response = await ask(`/api/explain/${encodeURIComponent(guid)}`);
  const { messages } = (await response.json()) as { messages: { conclusion: { verdict: string } }[] };
  expect(messages.map((one) => one.conclusion.verdict)).toEqual(["pending"]);
  const missing = await ask("/api/explain/999");
  expect(missing.status).toBe(404);
  expect((await errorOf(missing)).code).toBe("explain/unknown");
});

describe("send", () => {
  test("queues the message and tells what came of it", async () => {
    const asked = ask("/api/send", { body: { account: "home", target: ANNA, text: "hi", waitMs: 5000 } });
    await expect.poll(() => running.nudged).toEqual([HOME]);
    const [part] = await running.world.claim();
    if (!part) throw new Error("nothing to send");
    expect(part).toMatchObject({ origin: "send", text: "hi" });
    await running.world.settle(part, { state: "parked", reason: "no such chat" });
    running.emit({ step: "part.settled", accountId: HOME, partId: part.id });
    const response = await asked;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      outcome: "parked",
      parts: [{ state: "parked", reason: "no such chat" }],
    });
  });

  test("what waits can be waited for again", async () => {
    const queued = await (
      await ask("/api/send", { body: { account: "home", target: ANNA, text: "hi" } })
    ).json();
    const ids = (queued as { parts: { id: number }[] }).parts.map(({ id }) => id);
    const response = await ask("/api/send/wait", { body: { ids } });
    expect(await response.json()).toMatchObject({ outcome: "pending", parts: [{ id: ids[0] }] });
    expect((await ask("/api/send/wait", { body: { ids: "1" } })).status).toBe(400);
    expect((await ask("/api/send/wait", { body: { ids: [999] } })).status).toBe(404);
  });

  const wrong: readonly [string, unknown, number, string][] = [
    ["no JSON", "{", 400, "cli/usage"],
    ["no object", [], 400, "cli/usage"],
    ["no target", { text: "hi" }, 400, "cli/usage"],
    ["no text", { target: ANNA }, 400, "cli/usage"],
    ["an empty text", { account: "home", target: ANNA, text: " \n" }, 400, "cli/usage"],
    ["a file of a number", { account: "home", target: ANNA, file: 7 }, 400, "cli/usage"],
    ["a path from nowhere", { account: "home", target: ANNA, file: "a.png" }, 400, "cli/usage"],
    ["a file that is not there", { account: "home", target: ANNA, file: "/a.missing" }, 400, "media/missing"],
    ["a bad wait", { target: ANNA, text: "hi", waitMs: -1 }, 400, "cli/usage"],
    [
      "a target of an unknown kind",
      { account: "home", target: "bogus:x", text: "hi" },
      400,
      "send/bad-target",
    ],
    ["a bad target", { account: "home", target: "chat_id:12abc", text: "hi" }, 400, "send/bad-target"],
    ["an unknown account", { account: "x", target: ANNA, text: "hi" }, 404, "account/unknown"],
    ["one account of several not named", { target: ANNA, text: "hi" }, 404, "account/unknown"],
  ];
  test.each(wrong)("%s is refused and nothing is queued", async (_name, body, status, code) => {
    const response = await ask("/api/send", { body });
    expect(response.status).toBe(status);
    expect((await errorOf(response)).code).toBe(code);
    expect(await running.store.outbox.list({ limit: 10 })).toEqual([]);
  });

  test("a body past the limit is refused", async () => {
    const response = await ask("/api/send", { body: { target: ANNA, text: "x".repeat(300_000) } });
    expect(response.status).toBe(413);
  });
});

test("chats come from the account's imsg, as many as asked for", async () => {
  const chat = running.world.message(BERT, "");
  running.chats = [1, 2, 3].map((n) => ({
    ...chat,
    chatName: `chat ${n}`,
    service: "iMessage",
    lastMessageAtMs: n,
  }));
  const response = await ask("/api/chats?account=home&limit=2");
  const { chats } = (await response.json()) as { chats: { chatName: string }[] };
  expect(chats.map((one) => one.chatName)).toEqual(["chat 1", "chat 2"]);
  expect((await ask("/api/chats?account=home&limit=0")).status).toBe(400);
  expect((await ask("/api/chats?account=nobody")).status).toBe(404);
});

test("probe asks every account, or one", async () => {
  const all = (await (await ask("/api/probe", { body: {} })).json()) as { probes: unknown[] };
  expect(all.probes).toMatchObject([
    { accountId: "home", ok: true },
    { accountId: "work", ok: false },
  ]);
  const one = (await (await ask("/api/probe", { body: { account: "work" } })).json()) as {
    probes: unknown[];
  };
  expect(one.probes).toMatchObject([{ accountId: "work" }]);
});

describe("events", () => {
  /** Reads until `enough` is in the text. */
  async function readUntil(response: Response, enough: string): Promise<string> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes(enough)) break;
    }
    return text;
  }

  test("are told as they come, with signs of life between, until the reader goes", async () => {
    const response = await ask("/api/events");
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    running.emit({ step: "rows.decided", accountId: HOME, text: "line one\nline two" });
    const text = await readUntil(response, ": alive");
    expect(text).toContain('id: boot-1:1\nevent: rows.decided\ndata: {"seq":1,');
    expect(text).toContain("line one\\nline two");
    expect(running.listeners.size).toBe(0);
  });

  test("a reader that does not read is let go", async () => {
    const response = await ask("/api/events");
    for (let n = 0; n < 1500; n += 1) running.emit({ step: "rows.decided", accountId: HOME });
    expect(running.listeners.size).toBe(0);
    const text = await readUntil(response, "never");
    expect(text.match(/^event:/gm)?.length).toBeLessThan(1100);
  });
});
