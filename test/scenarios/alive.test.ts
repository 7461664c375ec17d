// What people see of an agent at work: its answer paragraph by paragraph, one line when it takes long, that somebody is typing.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World, type WorldOptions } from "./world.ts";

const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));
const ANNA = "+14155550001";
const BEN = "+14155550002";
const STILL_AT_WORK = "Still working on it…";

/** A world whose agent is the scripted one. */
async function createWorld(
  settings: { readonly streaming?: string; readonly longTurnSeconds?: number },
  options: WorldOptions = {},
): Promise<World> {
  const world = await World.create(options);
  const runtime = { type: "acp", command: [process.execPath, AGENT, "--load"] };
  const workspace = join(world.dir, "workspace");
  await mkdir(workspace);
  await world.configure({
    config: {
      session: { dmScope: "per-peer" },
      agents: { defaults: { runtime, workspace, ...settings } },
    },
  });
  return world;
}

/** What the script waits for. */
async function letGoOn(world: World, file = "go"): Promise<void> {
  await writeFile(join(world.dir, "workspace", file), "");
}

/** The script of an agent, a word a line; `¶` stands for a blank line. */
function script(...words: readonly string[]): string {
  return words.map((word) => word.replaceAll("¶", "\\n\\n")).join("\n");
}

/** Whether somebody was typing, in order. */
function typing(world: World): unknown[] {
  return world
    .simEvents()
    .filter(({ event }) => event === "typing")
    .map((event) => event["typing"]);
}

describe("paragraphs", () => {
  test("arrive while the agent still writes; what leads up to a tool never does", async () => {
    await using world = await createWorld({ streaming: "paragraphs" });
    await world.start();
    const words = [
      "@say I will look.¶",
      "@tool Search",
      "@say *One*.¶Two",
      "@wait go",
      "@say  more.",
      "@tool Check",
    ];
    await world.receive(ANNA, script(...words));
    await world.expectSent(ANNA, ["One."]);
    await letGoOn(world);
    await world.expectSent(ANNA, ["One.", "Two more."]);
  });

  test("arrive together where that is not asked for", async () => {
    await using world = await createWorld({});
    await world.start();
    await world.receive(ANNA, script("@say I will look.¶", "@tool Search", "@say One.¶Two."));
    await world.expectSent(ANNA, ["One.\n\nTwo."]);
  });

  test.each(DIALECTS)(
    "imsg %s: each arrives once although the gateway is killed in between",
    async (dialect) => {
      await using world = await createWorld({ streaming: "paragraphs" }, { dialect });
      const doomed = await world.start();
      await world.receive(ANNA, script("@say One.¶Two.¶Thr", "@wait go", "@say ee.¶Four."));
      await world.expectSent(ANNA, ["One.", "Two."]);
      await doomed.kill("SIGKILL");
      await letGoOn(world);
      await world.start();
      await world.expectSent(ANNA, ["One.", "Two.", "Three.", "Four."]);
      await world.receive(ANNA, "@say Next.");
      await world.expectSent(ANNA, ["One.", "Two.", "Three.", "Four.", "Next."]);
    },
  );

  test("no more of them after a stop", async () => {
    await using world = await createWorld({ streaming: "paragraphs" });
    await world.start();
    await world.receive(ANNA, script("@say One.¶Two", "@until-cancelled", "@say .¶Three.¶Four."));
    await world.expectSent(ANNA, ["One."]);
    await world.receive(ANNA, "/stop");
    await until(
      () => world.sentTo(ANNA).length === 2,
      () => world.lastLog(),
    );
    await world.receive(ANNA, "@say Next.");
    await until(
      () => world.sentTo(ANNA).at(-1) === "Next.",
      () => world.lastLog(),
    );
    expect(world.sentTo(ANNA)).toEqual(["One.", expect.stringMatching(/stop/iu), "Next."]);
  });
});

test("a turn that takes long says so once, also when the gateway is killed meanwhile", async () => {
  await using world = await createWorld({ longTurnSeconds: 1 });
  const doomed = await world.start();
  await world.receive(ANNA, script("@wait go", "@say Done."));
  await world.expectSent(ANNA, [STILL_AT_WORK]);
  await doomed.kill("SIGKILL");
  await world.start();
  // The turn of somebody else that begins later tells that as much time has passed again.
  await world.receive(BEN, script("@wait never", "@say No."));
  await world.expectSent(BEN, [STILL_AT_WORK]);
  await letGoOn(world);
  await world.expectSent(ANNA, [STILL_AT_WORK, "Done."]);
});

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("somebody is typing until the turn is over, where the bridge runs", async () => {
    await using world = await createWorld({}, { dialect, bridge: true });
    await world.start();
    await world.receive(ANNA, script("@wait go", "@say Done."));
    await until(
      () => typing(world).length > 0,
      () => world.lastLog(),
    );
    expect(new Set(typing(world))).toEqual(new Set([true]));
    await letGoOn(world);
    await world.expectSent(ANNA, ["Done."]);
    await until(
      () => typing(world).at(-1) === false,
      () => JSON.stringify(typing(world)),
    );
    expect(typing(world).filter((isTyping) => isTyping === false)).toHaveLength(1);
  });

  test("somebody is no longer typing once the gateway is stopped", async () => {
    await using world = await createWorld({}, { dialect, bridge: true });
    const gateway = await world.start();
    await world.receive(ANNA, script("@wait go", "@say Done."));
    await until(
      () => typing(world).length > 0,
      () => world.lastLog(),
    );
    await gateway.kill("SIGTERM");
    expect(typing(world).at(-1)).toBe(false);
  });

  test("nobody is typing without the bridge, which is asked for once and no trouble", async () => {
    await using world = await createWorld({}, { dialect });
    await world.start();
    const asked = () =>
      world.simEvents().filter(({ event, method }) => event === "request" && method === "typing");
    for (const [at, file] of ["first", "second"].entries()) {
      await world.receive(ANNA, script(`@wait ${file}`, `@say ${file}`));
      await until(
        () => asked().length > 0,
        () => world.lastLog(),
      );
      await letGoOn(world, file);
      await world.expectSent(ANNA, ["first", "second"].slice(0, at + 1));
    }
    expect(asked()).toHaveLength(1);
    expect(typing(world)).toEqual([]);
    expect(world.lastLog()).not.toMatch(/typing|^\S+ \S+ (?:warn|error) /mu);
  });
});
