// Sessions through the real gateway: when one ends, what of it can be had out, and how its agent is told to work.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { startModelServer } from "../fixtures/agents/model-server.ts";
import { answerable, REAL_READING_MS, shown } from "./asking.ts";
import { Recorder } from "./recorder.ts";
import { World } from "./world.ts";

const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));
const OWNER = "+14155550001";
const FRIEND = "+14155550002";
const OPEN = { dmPolicy: "open", allowFrom: ["*", OWNER] };
const MAIN = "agent:main:main";
const HOUR = 60 * 60_000;

async function ask(world: World, from: string, text: string): Promise<string> {
  const before = world.sentTo(from).length;
  await world.receive(from, text);
  return world.mac.nthSent(from, before + 1);
}

describe("a session that is over", () => {
  /** Makes everything that was said so far so much older. */
  function age(world: World, ms: number): void {
    const database = new DatabaseSync(join(world.dir, "state/state.db"));
    database.exec("PRAGMA busy_timeout = 5000");
    database.exec(`UPDATE session SET created_at_ms = created_at_ms - ${ms}, last_turn_at_ms = last_turn_at_ms - ${ms};
      UPDATE turn SET began_at_ms = began_at_ms - ${ms}, finished_at_ms = finished_at_ms - ${ms}`);
    database.close();
  }

  async function recording(world: World, session: object): Promise<Recorder> {
    const recorder = new Recorder(world, "aye");
    await world.configure({
      imessage: { ...OPEN, dmHistoryLimit: 5 },
      config: { agents: { defaults: { runtime: recorder.runtime } }, session },
    });
    await world.start();
    return recorder;
  }

  test.each([
    ["idle", { mode: "idle", idleMinutes: 90 }, 1.4 * HOUR, 1.6 * HOUR],
    // The hour was 22 to 23 hours ago, whenever this runs.
    ["daily", { mode: "daily", atHour: (new Date().getHours() + 2) % 24 }, 20 * HOUR, 25 * HOUR],
  ])(
    "%s: the next message begins another, and is told nothing of the one before",
    async (_name, reset, soon, late) => {
      await using world = await World.create();
      const recorder = await recording(world, { reset });
      await ask(world, OWNER, "one");
      age(world, soon);
      await ask(world, OWNER, "two");
      age(world, late);
      await ask(world, OWNER, "three");
      await ask(world, OWNER, "four");
      const [one, two, three, four] = recorder.turns();
      expect(two?.sessionId).toBe(one?.sessionId);
      expect(two?.prompt).toContain("> one");
      expect(three?.sessionId).not.toBe(one?.sessionId);
      expect(three?.prompt).toBe("three");
      expect(four?.sessionId).toBe(three?.sessionId);
      expect(three?.sessionKey).toBe(one?.sessionKey);
    },
  );

  test("never, which is what happens where nothing is said", async () => {
    await using world = await World.create();
    const recorder = await recording(world, {});
    await ask(world, OWNER, "one");
    age(world, 10_000 * HOUR);
    await ask(world, OWNER, "two");
    const [one, two] = recorder.turns();
    expect(two?.sessionId).toBe(one?.sessionId);
  });
});

describe("with an agent that has modes, models and commands", () => {
  async function start(world: World, flags: readonly string[] = ["--modes", "--models", "--commands"]) {
    const runtime = { type: "acp", command: [process.execPath, AGENT, "--load", ...flags] };
    await world.configure({
      imessage: OPEN,
      config: { agents: { list: [{ id: "main", name: "Crab", runtime }] } },
    });
    return world.start();
  }
  const state = async (world: World, from = OWNER): Promise<unknown> =>
    JSON.parse(await ask(world, from, "@state"));

  test("an owner chooses by name, which holds for the next message, after /new and after a restart", async () => {
    await using world = await World.create();
    const gateway = await start(world);
    expect(await ask(world, OWNER, "/mode")).toBe(
      "Crab has not said yet what it offers here: write it a message first.",
    );
    expect(await state(world)).toEqual({ mode: "ask", model: "small" });
    expect(await ask(world, OWNER, "/mode")).toBe(
      "Mode of Crab: ask (its own choice)\n→ ask\n• build\n/mode NAME chooses another.",
    );
    expect(await ask(world, OWNER, "/mode Bui")).toBe(
      "Crab works in mode build from now on.\n/mode default ends that.",
    );
    expect(await ask(world, OWNER, "/model LARGE")).toMatch(/^Crab uses the model large from now on\./);
    expect(await ask(world, OWNER, "/model huge")).toBe('There is no model "huge".\n• small\n→ large');
    expect(await state(world)).toEqual({ mode: "build", model: "large" });
    expect(await ask(world, OWNER, "/agent")).toMatch(
      /\nKind: acp, mode build, model large\nIt offers 2 modes \(\/mode\), 2 models \(\/model\), 2 commands of its own/,
    );
    expect(await ask(world, OWNER, "/new")).toMatch(/new session/i);
    // What it offers is still known.
    expect(await ask(world, OWNER, "/mode")).toMatch(/^Mode of Crab: build \(chosen here;/);
    expect(await ask(world, OWNER, "/new @recall")).toBe('["@recall"]');
    expect(await state(world)).toEqual({ mode: "build", model: "large" });
    await gateway.kill("SIGTERM");
    await world.start();
    expect(await state(world)).toEqual({ mode: "build", model: "large" });
    expect(await ask(world, OWNER, "/mode default")).toBe("Crab itself chooses the mode again.");
    expect(await state(world)).toEqual({ mode: "ask", model: "large" });
    expect(await ask(world, OWNER, "/new @state")).toBe('{"mode":"ask","model":"large"}');
  });

  test("nobody but an owner chooses", async () => {
    await using world = await World.create();
    await start(world);
    await state(world, FRIEND);
    for (const text of ["/mode", "/mode build", "/model large"]) {
      const { kind, code } = await world.decided(await world.receive(FRIEND, text));
      expect([text, kind, code]).toEqual([text, "ignore", "command.not-owner"]);
    }
    expect(await state(world, FRIEND)).toEqual({ mode: "ask", model: "small" });
  });

  test("/help lists its own commands behind the gateway's, and they reach it", async () => {
    await using world = await World.create();
    await start(world);
    expect(await ask(world, FRIEND, "/help")).not.toContain("Crab");
    await ask(world, FRIEND, "hello");
    expect((await ask(world, FRIEND, "/help")).split("\n\n")[1]).toBe(
      "Crab itself knows:\n/review: Reviews what changed\n/compact: Makes the session shorter",
    );
    expect(await ask(world, FRIEND, "/compact now")).toBe("You said: /compact now");
  });

  test("an agent without any says so", async () => {
    await using world = await World.create();
    await start(world, []);
    await ask(world, OWNER, "hello");
    expect(await ask(world, OWNER, "/mode build")).toBe("Crab has no modes to choose from.");
    expect(await ask(world, OWNER, "/model")).toBe("Crab has no models to choose from.");
    expect(await ask(world, OWNER, "/help")).not.toContain("Crab");
  });

  test("the transcript can be had out whole, with what was permitted, while the gateway runs", async () => {
    await using world = await World.create();
    await start(world);
    await ask(world, OWNER, "first\nline");
    await ask(world, OWNER, "/new");
    const guid = await world.receive(OWNER, "@ask edit notes.txt hello");
    await shown(world, OWNER);
    await answerable(world, guid, REAL_READING_MS);
    expect(await ask(world, OWNER, "1")).toContain("allowed: once");
    await ask(world, OWNER, "/mode build");

    const listed = await world.coderclaw("sessions", "show", MAIN);
    expect(listed.stdout).toMatch(
      new RegExp(
        `^${MAIN}: agent main, 1 turn since .*\nsession [0-9a-f]{16}, [0-9a-f-]{36} to the agent, mode build\n`,
      ),
    );
    expect(listed.stdout).toContain(`❓ edit: Edit notes.txt: allowed, by ${OWNER}: Allow once`);

    const markdown = (await world.coderclaw("sessions", "export", MAIN)).stdout;
    expect(markdown).toContain(`# ${MAIN}\n\n- Agent: main\n- Session: `);
    expect(markdown).toContain(`\n**${OWNER}:**\n\n> @ask edit notes.txt hello\n`);
    expect(markdown).toContain(`\nApproval: edit: Edit notes.txt: allowed, by ${OWNER}: Allow once\n`);
    expect(markdown).toContain("\n**main:**\n\n> allowed: once\n");
    expect(markdown).not.toContain("first");

    const file = join(world.dir, "said.jsonl");
    const args = ["sessions", "export", MAIN, "--all", "--format", "jsonl", "--output", file];
    expect(await world.coderclaw(...args)).toEqual({
      code: 0,
      stdout: `Session ${MAIN} is written to ${file}.\n`,
      stderr: "",
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const turns = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { sessionId: string; said: object[]; answered: string });
    expect(turns.map(({ said, answered }) => ({ said, answered }))).toEqual([
      { said: [{ sender: OWNER, text: "first\nline", files: [] }], answered: "You said: first\nline" },
      {
        said: [{ sender: OWNER, text: "@ask edit notes.txt hello", files: [] }],
        answered: expect.stringContaining("allowed: once") as string,
      },
    ]);
    expect(turns[0]?.sessionId).not.toBe(turns[1]?.sessionId);
    const again = await world.coderclaw(...args);
    expect([again.code, again.stderr.split("\n")[0]]).toEqual([1, `${file} is there already.`]);
  });
});

describe("with a chat model", () => {
  test("its API says which models there are, and is asked for the one that was chosen", async () => {
    const server = await startModelServer();
    try {
      await using world = await World.create();
      const runtime = { type: "model", baseUrl: server.baseUrl, model: "crab-1" };
      await world.configure({ imessage: OPEN, config: { agents: { defaults: { runtime } } } });
      server.models = ["crab-1", "crab-2", "lobster"];
      await world.start();
      expect(await ask(world, OWNER, "/model")).toBe(
        "Model of main: crab-1 (by the configuration)\n→ crab-1\n• crab-2\n• lobster\n/model NAME chooses another.",
      );
      expect(await ask(world, OWNER, "/model lob")).toMatch(/^main uses the model lobster from now on\./);
      await ask(world, OWNER, "hello");
      expect(server.chats.at(-1)?.body).toMatchObject({ model: "lobster" });
      expect(await ask(world, OWNER, "/model default")).toBe("The configuration chooses the model again.");
      await ask(world, OWNER, "/new hello again");
      expect(server.chats.at(-1)?.body).toMatchObject({
        model: "crab-1",
        messages: [{ role: "user", content: "hello again" }],
      });
    } finally {
      await server.close();
    }
  });
});
