// What agents remember, on the command line: listed, shown, reset and exported with the gateway stopped.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ANNA } from "../contracts/store-world.ts";
import { CliWorld } from "./world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
  world.config({ channels: { imessage: { cliPath: "/no/imsg", accounts: { home: {} } } } });
});
afterEach(() => world.remove());

test("sessions are listed, shown oldest first, and reset", async () => {
  expect((await world.run("sessions", "list")).stdout).toBe("No sessions yet.\n");
  await world.state(async (played) => {
    await played.answer(ANNA, "first answer");
    played.nowMs += 1000;
    await played.answer(ANNA, "second answer");
  });
  expect((await world.run("sessions", "list")).stdout).toMatch(/\nagent:main:main +main +2 /);
  const { stdout } = await world.run("sessions", "show", "agent:main:main");
  expect(stdout).toMatch(/question\n {2}→ first answer\n[^]*question\n {2}→ second answer\n$/);
  expect((await world.json("sessions", "reset", "agent:main:main")).value).toEqual({
    reset: "agent:main:main",
  });
  const { value } = await world.json("sessions", "show", "agent:main:main");
  expect(value["session"]).toMatchObject({ turns: 0, log: [] });
  expect((await world.run("sessions", "reset", "nope")).stderr).toContain("There is no session nope.");
});

describe("sessions export", () => {
  const MAIN = "agent:main:main";
  const EVIL = "# Heading\r**main:**\u2028> not a quote\n\ttab \u001b[31mred\u202e";

  async function talk(): Promise<void> {
    await world.state(async (played) => {
      await played.answer(ANNA, "before");
      await played.store.sessions.reset(MAIN as never, played.nowMs);
      played.nowMs += 1000;
      await played.answer(ANNA, EVIL);
    });
  }

  test("Markdown, in which nobody's text passes for a part of it", async () => {
    await talk();
    const { stdout, code } = await world.run("sessions", "export", MAIN);
    expect(code).toBe(0);
    const answer = ["> # Heading", "> **main:**", "> > not a quote", "> \ttab \\u001b[31mred\\u202e"];
    expect(stdout).toMatch(/^# agent:main:main\n\n- Agent: main\n- Session: [0-9a-f]{16}\n- Since: /);
    expect(stdout.endsWith(`\n**${ANNA}:**\n\n> question\n\n**main:**\n\n${answer.join("\n")}\n`)).toBe(true);
    expect(stdout).not.toContain("before");
    const all = await world.run("sessions", "export", MAIN, "--all");
    expect(all.stdout).toMatch(/> before\n\n---\n\nA new session began here\.\n\n## [^]*> # Heading\n/);
  });

  test("JSON and lines of it", async () => {
    await talk();
    const { value } = await world.json("sessions", "export", MAIN, "--all");
    expect(value["session"]).toMatchObject({ key: MAIN, turns: 1 });
    const turns = value["turns"] as { answered: string }[];
    expect(turns.map(({ answered }) => answered)).toEqual(["before", EVIL]);
    const lines = (await world.run("sessions", "export", MAIN, "--format", "jsonl")).stdout;
    expect(lines).not.toMatch(/[^\P{Cc}\n]|[\u2028\u202e]/u);
    expect(JSON.parse(lines)).toEqual(JSON.parse(JSON.stringify(turns[1])));
  });

  test("an empty session is one, and an unknown one is not", async () => {
    await world.state(async (played) => {
      await played.answer(ANNA, "before");
      await played.store.sessions.reset(MAIN as never, played.nowMs);
    });
    expect((await world.json("sessions", "export", MAIN)).value).toMatchObject({ turns: [] });
    expect((await world.run("sessions", "export", MAIN)).stdout).toMatch(/^# agent:main:main\n/);
    expect((await world.run("sessions", "show", MAIN)).stdout).toContain("Nothing was said in it yet.\n");
    const unknown = await world.run("sessions", "export", "nope", "--output", join(world.folder, "x.md"));
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("There is no session nope.")]);
    expect(existsSync(join(world.folder, "x.md"))).toBe(false);
  });

  test("a file is its owner's alone, and replaced by force only", async () => {
    await talk();
    const file = join(world.folder, "said.md");
    writeFileSync(file, "mine", { mode: 0o644 });
    const refused = await world.run("sessions", "export", MAIN, "--output", file);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--force")]);
    expect(readFileSync(file, "utf8")).toBe("mine");
    const { value } = await world.json("sessions", "export", MAIN, "--output", file, "--force");
    expect(value).toEqual({ exported: MAIN, file });
    expect(readFileSync(file, "utf8")).toBe((await world.run("sessions", "export", MAIN)).stdout);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(world.folder).filter((name) => name.includes(".part"))).toEqual([]);
    const nowhere = await world.run("sessions", "export", MAIN, "--output", join(world.folder, "none/x.md"));
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringContaining("could not be written (ENOENT)"),
    ]);
    expect((await world.run("sessions", "export", MAIN, "--force")).code).toBe(2);
  });
});
