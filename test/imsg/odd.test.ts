// Reading through an imsg that answers oddly: the stand-in with its lines changed on the way.
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { DIALECTS, Mac, type TestAccount } from "./mac.ts";

/** Stands between us and the stand-in; `change(line, asked)` returns what is written in place of a line of it. */
const PROXY = `
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
const asked = new Map();
const sim = spawn(process.argv[2], process.argv.slice(4), { stdio: ["pipe", "pipe", "inherit"] });
const { change } = await import(process.argv[3]);
createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  asked.set(request.id, request);
  sim.stdin.write(line + "\\n");
}).on("close", () => sim.stdin.end());
createInterface({ input: sim.stdout, crlfDelay: 0 }).on("line", (line) => {
  const message = JSON.parse(line);
  for (const out of [change(message, asked.get(message.id)) ?? message].flat())
    process.stdout.write((typeof out === "string" ? out : JSON.stringify(out)) + "\\n");
});
sim.on("exit", (code) => process.exit(code ?? 1));
`;

/** Puts the proxy before a Mac's imsg. `change` is the body of a function of `message` and `request`. */
async function odd(mac: Mac, change: string): Promise<{ cliPath: string }> {
  await writeFile(`${mac.dir}/proxy.mjs`, PROXY);
  await writeFile(`${mac.dir}/change.mjs`, `export function change(message, request) {${change}}`);
  const words = [process.execPath, `${mac.dir}/proxy.mjs`, mac.cli, `${mac.dir}/change.mjs`];
  return {
    cliPath: await mac.program("odd", `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"`),
  };
}

async function watched(account: TestAccount): Promise<void> {
  await account.watching();
  await account.until(() => account.events.some(({ kind }) => kind === "caught-up"));
}

/** Every message of a line, wherever it stands. */
const MESSAGES = `
  const messages = [...(message.result?.messages ?? []), ...(message.params?.message ? [message.params.message] : [])];`;

describe.each(DIALECTS)("%s", (dialect) => {
  it("reads what it can of a row with wrong types, and the rows around one that is none", async () => {
    await using mac = await Mac.create(dialect);
    await mac.receive("before");
    const transport = await odd(
      mac,
      `${MESSAGES}
      for (const one of messages) {
        if (one.text === "n2" || one.text === "n5") delete one.guid;
        if (one.text === "n3") Object.assign(one, { participants: "x", attachments: {}, created_at: 5, reactions: null, new_in_2030: [1] });
      }`,
    );
    await using account = mac.account({ transport });
    await watched(account);
    await mac.receive("n{n}", "--count", "5");
    await account.until(() => account.texts.includes("n4"));
    await account.until(() => (account.position?.cursor ?? 0) >= 5);
    expect(account.texts).toEqual(["n1", "n3", "n4"]);
    const agreed = account.health.watching.healthyAtMs ?? 0;
    await account.until(() => (account.health.watching.healthyAtMs ?? 0) > agreed + 1_000); // some checks later
    const told = account.logs.filter((line) => line.includes("without id or guid"));
    // Each of the two by the watch, and each once by the checks, which read them again and again.
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(account.health.reading.restarts).toBe(0);
  });

  it("lists the chats around one that is none", async () => {
    await using mac = await Mac.create(dialect);
    await mac.receive("before");
    const transport = await odd(mac, `message.result?.chats?.unshift(null, "x", {});`);
    await using account = mac.account({ transport });
    await watched(account);
    await mac.receive("n1");
    await account.until(() => account.texts.includes("n1"));
    expect(account.health.reading.restarts).toBe(0);
  });

  it("hears its own subscription only, also when an old one goes on and numbers are used again", async () => {
    await using mac = await Mac.create(dialect);
    await mac.receive("before");
    const transport = await odd(
      mac,
      `if (message.method === "message") {
        const old = structuredClone(message);
        old.params.subscription += 1000;
        old.params.message.guid = "OLD";
        return [old, message];
      }
      if (request?.method === "watch.unsubscribe") return { jsonrpc: "2.0", id: message.id, error: { code: -32602, message: "Invalid params", data: "unknown subscription" } };`,
    );
    await using account = mac.account({ transport });
    await watched(account);
    await mac.receive("n1");
    await account.until(() => account.texts.includes("n1"));
    await mac.setFaults({ fault: "watch-error", times: 1 });
    await account.until(() => account.logs.some((line) => line.includes("watch reopened")));
    await mac.receive("n2");
    await account.until(() => account.texts.includes("n2"));
    expect(account.texts).toEqual(["n1", "n2"]);
    expect(account.logs.filter((line) => line.includes("replaced"))).toEqual([]);
  });
  it("takes each answer once, and only answers to what it asked", async () => {
    await using mac = await Mac.create(dialect);
    await mac.receive("before");
    const transport = await odd(
      mac,
      `if (request) return ["Last login: today", { jsonrpc: "2.0", id: 999_999, result: {} }, { jsonrpc: "2.0", id: String(message.id), result: {} }, message, message];`,
    );
    await using account = mac.account({ transport });
    await watched(account);
    await mac.receive("n{n}", "--count", "3");
    await account.until(() => account.rows.length === 3);
    expect(account.health).toMatchObject({ dialect, reading: { restarts: 0 } });
  });
});

it("v1 without messages.after: catches up by the watch, as legacy", async () => {
  await using mac = await Mac.create("v1");
  await mac.receive("n{n}", "--count", "3");
  const transport = await odd(
    mac,
    `const has = (name) => name !== "messages.after";
    const { result } = message;
    if (result?.methods) Object.assign(result, { methods: result.methods.filter(has), supported_methods: result.supported_methods.filter(has) });
    if (request?.method === "messages.after") return { jsonrpc: "2.0", id: message.id, error: { code: -32601, message: "Method not found", data: request.method } };`,
  );
  const first = mac.account({ transport });
  await watched(first);
  await mac.receive("n4");
  await first.until(() => first.texts.includes("n4"));
  await first.messages.close();
  await mac.receive("n5");
  await using second = mac.account({
    transport,
    ...(first.position === undefined ? {} : { position: first.position }),
  });
  await watched(second);
  expect(second.texts).toEqual(["n5"]);
  expect(second.health).toMatchObject({ dialect: "v1", reading: { restarts: 0 } });
});

it("v1 whose pages do not go on: what they hold is handed over, and the rest comes by the watch", async () => {
  await using mac = await Mac.create("v1");
  await mac.receive("before");
  const plain = mac.account();
  await watched(plain);
  await plain.messages.close();
  await mac.receive("gone");
  await mac.receive("n{n}", "--count", "150");
  mac.sql("DELETE FROM message WHERE text = 'gone'");
  const transport = await odd(
    mac,
    `if (request?.method === "messages.after" && message.result)
      Object.assign(message.result, { next_rowid: request.params.since_rowid, has_more: true, messages: message.result.messages.slice(0, 3) });`,
  );
  await using account = mac.account({
    transport,
    ...(plain.position === undefined ? {} : { position: plain.position }),
  });
  await account.until(() => account.rows.length === 150);
  await mac.receive("live");
  await account.until(() => account.texts.includes("live"));
  expect(new Set(account.texts).size).toBe(151);
});

it.each([
  ["a text", `result: "ok"`, "legacy"],
  ["no lists of methods", `result: { protocol_version: 1, methods: null }`, "v1"],
  ["a refusal of its parameters", `error: { code: -32602, message: "Invalid params" }`, "legacy"],
  [
    "both, the result being null",
    `result: null, error: { code: -32601, message: "Method not found" }`,
    "legacy",
  ],
])("status answered with %s", async (_what, answer, dialect) => {
  await using mac = await Mac.create("v1");
  await mac.receive("before");
  const transport = await odd(
    mac,
    `if (request?.method === "status") return { jsonrpc: "2.0", id: message.id, ${answer} };`,
  );
  await using account = mac.account({ transport });
  await watched(account);
  await mac.receive("n1");
  await account.until(() => account.texts.includes("n1"));
  expect(account.health).toMatchObject({ dialect, reading: { restarts: 0 } });
});
