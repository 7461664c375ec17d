// Commands that ask a running gateway: a control server in this process, the command line in its own.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QUIET } from "../server/surroundings.ts";
import { serve, type ControlServer } from "../../src/server/serve.ts";
import { ANNA, HOME, sent, WORK } from "../contracts/store-world.ts";
import { account, RunningWorld, settings } from "../control/running-world.ts";
import { CliWorld } from "./world.ts";

let running: RunningWorld;
let world: CliWorld;
let server: ControlServer;
beforeEach(async () => {
  running = await RunningWorld.create();
  running.settingsInForce = settings([account(HOME)]);
  world = new CliWorld();
  world.config({ channels: { imessage: { accounts: { home: {} } } } });
  server = await serve(running, {
    bind: "127.0.0.1",
    port: 0,
    token: undefined,
    tokenFile: `${world.folder}/gateway.token`,
    stateDir: world.folder,
    pageFiles: async () => new Map(),
    surroundings: QUIET,
    probe: async () => [{ check: "rpc", ok: true, detail: "imsg 0.14.0", fix: undefined }],
  });
});
afterEach(async () => {
  await server.close();
  world.remove();
  await running.remove();
});

test("status is the gateway's own, found by the address it wrote down", async () => {
  const { code, stdout } = await world.run("channels", "status", "--probe");
  expect(code).toBe(0);
  expect(stdout).toContain("Gateway 1.2.3 runs (process 4711");
  expect(stdout).toContain("home: running");
  expect(stdout).toContain("ok     rpc       imsg 0.14.0");
});

test("status is answered although the config file became invalid, and says so", async () => {
  world.config({ nonsense: true });
  const { GatewayError } = await import("../../src/model/errors.ts");
  running.error = new GatewayError("config/invalid", "nonsense is not a known key", { hint: "Remove it." });
  const { code, stdout } = await world.run("channels", "status");
  expect(code).toBe(0);
  expect(stdout).toContain("The config file is not in force: nonsense is not a known key\n    Remove it.");
});

test("doctor lists what is wrong with the file, and what the gateway that goes on without it says", async () => {
  world.config({ nonsense: true });
  const { GatewayError } = await import("../../src/model/errors.ts");
  running.error = new GatewayError("config/invalid", "nonsense is not a known key", { hint: "Remove it." });
  running.health = { ...running.health, sending: { state: "waiting", reason: "gone", restarts: 1 } };
  const { code, value } = await world.json("doctor");
  expect(code).toBe(1);
  expect(value).toMatchObject({
    ok: false,
    findings: [
      { severity: "broken", message: expect.stringContaining("nonsense") as string },
      { severity: "broken", where: "home", message: "Nothing can be sent: gone" },
    ],
  });
});

test("doctor finds nothing where all is well", async () => {
  expect(await world.run("doctor")).toEqual({ code: 0, stdout: "Everything is well.\n", stderr: "" });
});

test("status of one account, and of one that is not there", async () => {
  running.settingsInForce = settings([account(HOME), account(WORK)]);
  const { stdout } = await world.run("channels", "status", "--account", "work", "--probe");
  expect(stdout).toContain("work: running");
  expect(stdout).not.toContain("home");
  expect(await world.run("channels", "status", "--account", "wrok")).toMatchObject({
    code: 1,
    stderr: "There is no account wrok.\nName one with --account: home, work.\n",
  });
});

test("another token is refused, not taken for a gateway that is down", async () => {
  const environment = { CODERCLAW_GATEWAY_TOKEN: "another-token-than-its-own" };
  const { code, stderr } = await world.runWith({ environment }, "channels", "status");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The gateway at 127\.0\.0\.1:\d+ \(process \d+\) does not accept this token/u);
});

test("chats are the gateway's", async () => {
  const chat = running.world.message(ANNA, "");
  running.chats = [{ ...chat, chatName: "Anna\u001b", service: "iMessage", lastMessageAtMs: 0 }];
  const { stdout } = await world.run("chats");
  expect(stdout).toMatch(/\n1 +direct +Anna\\u001b +\+15550000001 +iMessage +-\n$/);
});

describe("message send", () => {
  const argv = ["message", "send", "--target", ANNA, "--text"];

  async function settleNext(settlement: Parameters<typeof running.world.settle>[1]): Promise<string> {
    await expect.poll(() => running.nudged.length, { timeout: 20_000 }).toBe(1);
    const limits = running.world.claimLimits({ limit: 1, nowMs: Date.now() });
    const [part] = (await running.store.outbox.claim(HOME, limits)).parts;
    if (!part) throw new Error("nothing to send");
    await running.world.settle(part, settlement);
    running.emit({ step: "part.settled", accountId: HOME, partId: part.id });
    return part.text;
  }

  test("waits until it is out; the text may come from a pipe", async () => {
    const finished = world.runWith({ input: "from a pipe\n" }, ...argv, "-");
    expect(await settleNext(sent("GUID-9"))).toBe("from a pipe");
    expect(await finished).toEqual({
      code: 0,
      stdout: `Sent to ${ANNA} from account home (guid GUID-9).\n`,
      stderr: "",
    });
  });

  test("that is parked fails, with the reason and what to do", async () => {
    const finished = world.run(...argv, "hi");
    await settleNext({ state: "parked", reason: "no such chat" });
    const { code, stdout, stderr } = await finished;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^Message 1 could not be sent and is parked: no such chat\nRun `coderclaw outbox retry 1`/,
    );
  });

  test("that may have arrived is not told as one that waits to go out", async () => {
    const finished = world.run(...argv, "hi", "--wait", "3");
    await settleNext({ state: "unknown", reason: "imsg ended", checkAtMs: Date.now() + 60_000 });
    const { code, stderr } = await finished;
    expect([code, stderr.split("\n")[0]]).toEqual([
      1,
      "Message 1 may have arrived: imsg ended. It is looked for, and sent again only if it did not.",
    ]);
  });

  test("without a wait is queued, and that is enough; --to is --target", async () => {
    const { code, stdout } = await world.run("message", "send", "--to", ANNA, "--text", "hi", "--wait", "0");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Queued as message 1.\n" });
    const [item] = await running.store.outbox.list({ limit: 1 });
    expect(item?.target).toMatchObject({ kind: "handle", handle: ANNA });
  });

  test("whose wait is over is not called sent", async () => {
    const { code, stderr } = await world.run(...argv, "hi", "--wait", "0.2");
    expect(code).toBe(1);
    expect(stderr).toContain("After 0.2 s message 1 is not sent yet");
  });

  test("to where allowTo does not let it go is refused, with what to add", async () => {
    running.settingsInForce = settings([account(HOME, { allowTo: [] })]);
    expect(await world.run(...argv, "hi")).toEqual({
      code: 1,
      stdout: "",
      stderr:
        `Account home may not send to ${ANNA}: allowTo does not name it.\n` +
        `Add "${ANNA}" to allowTo of account home, or remove allowTo.\n`,
    });
  });

  test("to a target that is none is wrong usage", async () => {
    const { code, stderr } = await world.run("message", "send", "--target", "chat_id:x", "--text", "hi");
    expect(code).toBe(2);
    expect(stderr).toContain('Target "chat_id:x": `x` is not a chat row id');
  });
});
