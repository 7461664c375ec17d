// An agent of the Agent Client Protocol through the whole path: it remembers, crashes, is killed with the gateway, and is stopped.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { until, World } from "./world.ts";

const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));
const ANNA = "+14155550001";
const BEN = "+14155550002";
const ANEW = "(I had to start anew and was given what we said before.)";

/** A world whose agent is the scripted one, started with these flags. */
async function createWorld(...flags: readonly string[]): Promise<World> {
  const world = await World.create();
  const runtime = { type: "acp", command: [process.execPath, AGENT, ...flags] };
  await world.configure({
    config: {
      session: { dmScope: "per-peer" },
      agents: { defaults: { runtime, workspace: join(world.dir, "workspace") } },
    },
  });
  return world;
}

function inWorkspace(world: World, name: string): string {
  return join(world.dir, "workspace", name);
}

async function appears(world: World, name: string): Promise<void> {
  await until(
    () => existsSync(inWorkspace(world, name)),
    () => world.lastLog(),
  );
}

/** Whether a process does anything yet; one that ended and waits to be noticed does not. */
function isRunning(pid: number): boolean {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && !stdout.trim().startsWith("Z");
}

/** The numbers of processes that the agent wrote into a file. */
async function pidsIn(world: World, name: string): Promise<number[]> {
  await appears(world, name);
  const text = await until(
    () => readFileSync(inWorkspace(world, name), "utf8") || undefined,
    () => world.lastLog(),
  );
  return text.split(" ").map(Number);
}

test("its last words are the answer: what it narrates, thinks and runs stays here", async () => {
  await using world = await createWorld("--banner");
  await world.start();
  await world.receive(ANNA, "@say I will look.\n@think hm\n@tool Search\n@plan first\n@say It is *there*.");
  await world.expectSent(ANNA, ["It is there."]);
});

test("two conversations side by side do not mix", async () => {
  await using world = await createWorld();
  await world.start();
  await world.receive(ANNA, "@say for\n@touch anna\n@wait ben\n@say  Anna");
  await appears(world, "anna");
  await world.receive(BEN, "@say for\n@touch ben\n@say  Ben");
  await world.expectSent(ANNA, ["for Anna"]);
  await world.expectSent(BEN, ["for Ben"]);
  await world.receive(ANNA, "@recall");
  await until(
    () => world.sentTo(ANNA).length === 2,
    () => world.lastLog(),
  );
  expect(world.sentTo(ANNA)[1]).not.toContain("@touch ben");
});

test("words that come after the end of a turn are in its answer, not in the next person's", async () => {
  await using world = await createWorld();
  await world.configure({
    config: {
      session: { dmScope: "main" },
      agents: {
        defaults: {
          runtime: { type: "acp", command: [process.execPath, AGENT] },
          workspace: join(world.dir, "workspace"),
        },
      },
    },
  });
  await world.start();
  await world.receive(ANNA, "@say for\n@touch anna\n@late 200  Anna");
  await appears(world, "anna");
  await world.receive(BEN, "@say for Ben");
  await world.expectSent(ANNA, ["for Anna"]);
  await world.expectSent(BEN, ["for Ben"]);
});

test("a picture in its answer arrives as one, and a turn without a word is told", async () => {
  await using world = await createWorld();
  await world.start();
  await world.receive(ANNA, "@say Here it is:\n@image\n@resource file:///far/away/report.csv a,b");
  const files = (): readonly { name: string }[] =>
    world.mac.rows("SELECT transfer_name AS name FROM attachment ORDER BY ROWID");
  await until(
    () => files().length === 2,
    () => world.lastLog(),
  );
  expect(files()).toEqual([{ name: "a picture (image_png).png" }, { name: "report.csv" }]);
  expect(world.sentTo(ANNA)[0]).toBe("Here it is:");
  await world.receive(BEN, "@tool Search");
  await world.expectSent(BEN, ["(I finished without a reply.)"]);
});

test("a session that refuses every prompt is begun again with the transcript, and that is said once", async () => {
  await using world = await createWorld("--load", "--loaded", "refuse");
  const first = await world.start();
  await world.receive(ANNA, "one");
  await world.expectSent(ANNA, ["You said: one"]);
  await first.kill("SIGTERM");
  await world.start();
  await world.receive(ANNA, "@say two");
  await world.expectSent(ANNA, ["You said: one", ANEW, "two"]);
  await world.receive(ANNA, "@say three");
  await world.expectSent(ANNA, ["You said: one", ANEW, "two", "three"]);
});

describe("what it remembers outlives the gateway", () => {
  test("where it can have a session again", async () => {
    await using world = await createWorld("--load", "--replay");
    const first = await world.start();
    await world.receive(ANNA, "@say one");
    await world.expectSent(ANNA, ["one"]);
    await first.kill("SIGTERM");
    await world.start();
    await world.receive(ANNA, "@recall");
    await world.expectSent(ANNA, ["one", '["@say one","@recall"]']);
  });

  test("where it cannot, it is given the transcript, and that is said once", async () => {
    await using world = await createWorld();
    const first = await world.start();
    await world.receive(ANNA, "@say one");
    await world.expectSent(ANNA, ["one"]);
    await first.kill("SIGTERM");
    await world.start();
    await world.receive(ANNA, "@recall");
    const [, notice, answer = ""] = await until(
      () => world.sentTo(ANNA).length === 3 && world.sentTo(ANNA),
      () => world.lastLog(),
    );
    expect(notice).toBe(ANEW);
    expect(answer).toContain("> @say one");
    await world.receive(ANNA, "@say three");
    await world.expectSent(ANNA, ["one", ANEW, answer, "three"]);
  });
});

test("one that crashes in mid-turn is started again and asked once more; one that crashes again is told", async () => {
  await using world = await createWorld("--load");
  await world.start();
  await world.receive(ANNA, "@say I am \n@crash-once crashed\n@say back");
  await world.expectSent(ANNA, ["I am back"]);
  await world.receive(ANNA, "@crash 9");
  await until(
    () => world.sentTo(ANNA).some((text) => text.startsWith("Sorry, I could not answer that. (ref ")),
    () => world.lastLog(),
  );
  await world.receive(ANNA, "@say still here");
  await until(
    () => world.sentTo(ANNA).includes("still here"),
    () => world.lastLog(),
  );
});

test("the gateway is killed in mid-turn: nothing of the old agent is left, and the answer comes once", async () => {
  await using world = await createWorld("--stubborn");
  const first = await world.start();
  await world.receive(ANNA, "@touch begun\n@wait go\n@say done");
  await appears(world, "begun");
  await world.receive(BEN, "@hang");
  const left = await pidsIn(world, "pids");
  await first.kill("SIGKILL");
  expect(left.filter(isRunning)).toEqual(left);
  const second = await world.start();
  expect(left.filter(isRunning)).toEqual([]);
  await writeFile(inWorkspace(world, "go"), "");
  await world.expectSent(ANNA, ["done"]);
  // What hung is asked again, and ends with the gateway.
  const again = await until(
    async () => (await pidsIn(world, "pids")).some((pid) => !left.includes(pid)) && pidsIn(world, "pids"),
    () => world.lastLog(),
  );
  await second.kill("SIGTERM");
  expect(again.filter(isRunning)).toEqual([]);
});

test("what a tool left running is gone before its turn is run again, even where the agent itself has ended", async () => {
  await using world = await createWorld();
  const first = await world.start();
  await world.receive(ANNA, "@leave tool\n@wait go\n@say done");
  const [tool = 0] = await pidsIn(world, "tool");
  await first.kill("SIGKILL");
  expect(isRunning(tool)).toBe(true);
  await writeFile(inWorkspace(world, "go"), "");
  const second = await world.start();
  expect(isRunning(tool)).toBe(false);
  await world.expectSent(ANNA, ["done"]);
  const again = await pidsIn(world, "tool");
  await second.kill("SIGTERM");
  expect(again.filter(isRunning)).toEqual([]);
});

test("/stop ends a turn, and the next one begins", async () => {
  await using world = await createWorld();
  await world.start();
  await world.receive(ANNA, "@say half\n@touch begun\n@until-cancelled\n@say never");
  await appears(world, "begun");
  await world.receive(ANNA, "/stop");
  await until(
    () => world.sentTo(ANNA).length === 1,
    () => world.lastLog(),
  );
  await world.receive(ANNA, "@recall");
  await until(
    () => world.sentTo(ANNA).length === 2,
    () => world.lastLog(),
  );
  const [stopped, recalled] = world.sentTo(ANNA);
  expect(stopped).toBe("Stopped.");
  expect(recalled).toContain("@until-cancelled");
});

test("an agent is given neither the gateway's own variables nor those that the config takes", async () => {
  vi.stubEnv("THE_KEY", "the-key");
  onTestFinished(() => void vi.unstubAllEnvs());
  await using world = await createWorld();
  const runtime = { type: "acp", command: [process.execPath, AGENT], env: { OWN: "own ${THE_KEY}" } };
  await world.configure({
    config: { agents: { defaults: { runtime, workspace: join(world.dir, "workspace") } } },
  });
  await world.start();
  await world.receive(ANNA, "@env OWN\n@say , \n@env THE_KEY\n@say , \n@env CODERCLAW_STATE_DIR");
  await world.expectSent(ANNA, ["own the-key, undefined, undefined"]);
});
