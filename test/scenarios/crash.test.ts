// The gateway is killed at every step between journal and send: none lost, none answered twice (field failures 6, 25).
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Step } from "../../src/model/ports.ts";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";

/** Every step of a message; the compiler wants each one of them. Those of a command and of a request are killed at in their own tests. */
const STEPS: Record<Exclude<Step, `${"command" | "approval"}.${string}`>, true> = {
  "line.received": true,
  "rows.accepted": true,
  "rows.decided": true,
  "turn.begun": true,
  "agent.said": true,
  "agent.answered": true,
  "turn.finished": true,
  "part.claimed": true,
  "send.answered": true,
  "part.settled": true,
};

/** Waits until a chat was sent exactly these texts in any order, and nothing more comes while a second message is answered. */
async function expectExactly(world: World, texts: readonly string[]): Promise<void> {
  await until(
    () => texts.every((text) => world.sentTo(ANNA).includes(text)),
    () => `${JSON.stringify(world.sentTo(ANNA))} instead of ${JSON.stringify(texts)}\n${world.lastLog()}`,
  );
  await world.receive(ANNA, "the last word");
  await until(
    () => world.sentTo(ANNA).includes("You said: the last word"),
    () => world.lastLog(),
  );
  expect([...world.sentTo(ANNA)].sort()).toEqual([...texts, "You said: the last word"].sort());
}

async function watching(world: World): Promise<void> {
  await until(
    () => world.lastLog().includes("] watching,"),
    () => world.lastLog(),
  );
}

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test.each(Object.keys(STEPS))("killed at %s", async (step) => {
    await using world = await World.create({ dialect });
    const first = world.launchKilling();
    await watching(world);
    await first.kill("SIGTERM");
    const doomed = world.launchKilling({ step });
    await watching(world);
    await world.receive(ANNA, "hello");
    expect((await doomed.ended).signal).toBe("SIGKILL");
    world.launchKilling();
    await expectExactly(world, ["You said: hello"]);
  });

  test("a crash is in the story: it began, was killed, ran again; meanwhile nothing is said to run", async () => {
    await using world = await World.create({ dialect });
    const first = world.launchKilling();
    await watching(world);
    await first.kill("SIGTERM");
    const doomed = world.launchKilling({ step: "turn.begun" });
    await watching(world);
    const guid = await world.receive(ANNA, "hello");
    await doomed.ended;
    const status = await world.coderclaw("channels", "status");
    expect(status.stdout).toContain("1 to be run again");
    expect(status.stdout).not.toMatch(/[1-9] running/u);
    expect((await world.coderclaw("explain", guid)).stdout).toContain(
      "Not answered yet because agent main was at work on it when the gateway ended. Fix: Start the gateway",
    );
    world.launchKilling();
    await world.expectSent(ANNA, ["You said: hello"]);
    const told = (await world.coderclaw("explain", guid)).stdout;
    expect(told).toMatch(
      /agent main began\n.*ran again, as the gateway was killed while it ran\n[^]*: answered\n/u,
    );
    expect(told).toMatch(/\nAnswered at/u);
  });

  test("a message killed at a step, then killed there again, is answered or its failure is told, never silence", async () => {
    await using world = await World.create({ dialect });
    const first = world.launchKilling();
    await watching(world);
    await first.kill("SIGTERM");
    const doomed = world.launchKilling({ step: "turn.begun" });
    await watching(world);
    await world.receive(ANNA, "hello");
    await doomed.ended;
    const again = world.launchKilling({ step: "turn.begun" });
    expect((await again.ended).signal).toBe("SIGKILL");
    world.launchKilling();
    const [text] = await until(
      () => world.sentTo(ANNA).length > 0 && world.sentTo(ANNA),
      () => world.lastLog(),
    );
    expect(text).toMatch(/^Sorry, I could not answer that\. \(ref /);
  });
});

test("an orderly stop in mid-turn costs the message nothing: it is run again as often as it takes", async () => {
  await using world = await World.create({});
  const gate = join(world.dir, "gate");
  const command = ["sh", "-c", `cat >/dev/null; while [ ! -f '${gate}' ]; do sleep 0.02; done; echo done`];
  await world.configure({ config: { agents: { defaults: { runtime: { type: "command", command } } } } });
  let gateway = await world.start();
  await world.receive(ANNA, "slow one");
  for (let round = 0; round < 3; round += 1) {
    await until(
      () => /turn for agent|run again|runs/.test(world.lastLog()),
      () => world.lastLog(),
    );
    await delay(50);
    await gateway.kill("SIGTERM");
    gateway = await world.start();
  }
  await writeFile(gate, "");
  await world.expectSent(ANNA, ["done"]);
});

const APOLOGY = /^Sorry, I could not answer that\. \(ref ([A-Z2-9]{4})\)$/;

/** A message that was written in a scenario. */
interface Written {
  readonly text: string;
  readonly guid: string;
}

/** The texts that answers in a chat repeat, and the references of apologies. */
function answersIn(world: World, chat: string): { words: string[]; refs: string[] } {
  const texts = world.sentTo(chat);
  const refs = texts.flatMap((text) => APOLOGY.exec(text)?.[1] ?? []);
  const echoes = texts.filter((text) => !APOLOGY.test(text));
  return { words: echoes.flatMap((text) => text.replace(/^You said: /, "").split("\n")), refs };
}

/** The reference under which the journal says that a message's turn failed. */
async function failureRef(world: World, guid: string): Promise<string | undefined> {
  const { stdout } = await world.coderclaw("explain", guid, "--json");
  return /"ref": "([A-Z2-9]{4})"/.exec(stdout)?.[1];
}

/**
 * Each message has exactly one answer: its echo, or, where two kills hit the same turn, the one apology that the journal names for it.
 */
async function expectEveryMessageAnswered(
  world: World,
  expected: ReadonlyMap<string, readonly Written[]>,
): Promise<void> {
  for (const [chat, messages] of expected) {
    const { missing, failed } = await until(
      async () => {
        const { words, refs } = answersIn(world, chat);
        const missing = messages.filter(({ text }) => !words.includes(text));
        const failed = await Promise.all(missing.map(async ({ guid }) => failureRef(world, guid)));
        return failed.every((ref) => ref !== undefined && refs.includes(ref)) && { missing, failed };
      },
      () => `${JSON.stringify([messages, world.sentTo(chat)])}\n${world.lastLog()}`,
      90_000,
    );
    const echoed = messages.filter((message) => !missing.includes(message)).map(({ text }) => text);
    const { words, refs } = answersIn(world, chat);
    expect([chat, words, [...refs].sort((one, other) => one.localeCompare(other))]).toEqual([
      chat,
      echoed,
      [...new Set(failed)].sort((one = "", other = "") => one.localeCompare(other)),
    ]);
  }
}

/** Random kills: how many, over both dialects. */
const RANDOM_KILLS = 200;

test.each(DIALECTS)(
  "%s: random kills while messages flow: exactly one answer to every message",
  async (dialect) => {
    await using world = await World.create({ dialect, config: { limits: { turnsPerMinute: 100_000 } } });
    const kills = RANDOM_KILLS / DIALECTS.length;
    const delays = fc.sample(fc.integer({ min: 60, max: 420 }), { numRuns: kills, seed: 20260501 });
    const starting = world.launchKilling();
    await watching(world);
    await starting.kill("SIGTERM");

    const senders = Array.from({ length: 8 }, (_, at) => `+1415555${String(1000 + at)}`);
    const expected = new Map<string, Written[]>(senders.map((sender) => [sender, []]));
    const talk = { goesOn: true };
    const talking = (async () => {
      for (let at = 0; talk.goesOn; at += 1) {
        const sender = senders[at % senders.length] ?? "";
        const text = `m${at}`;
        const guid = await world.receive(sender, text);
        expected.get(sender)?.push({ text, guid });
        await delay(30);
      }
    })();
    for (const delayMs of delays) {
      const doomed = world.launchKilling();
      await delay(delayMs);
      await doomed.kill("SIGKILL");
    }
    talk.goesOn = false;
    await talking;
    world.launchKilling();
    await expectEveryMessageAnswered(world, expected);
  },
  300_000,
);

test("25: a second gateway on the same state is refused, whatever happened to the first", async () => {
  await using world = await World.create({});
  const first = await world.start();
  const second = await world.coderclaw("gateway");
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("Another gateway")]);
  await first.kill("SIGKILL");
  await world.start();
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
});
