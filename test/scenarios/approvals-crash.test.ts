// The gateway is killed at every step between a request and its answer: asked once, answered once.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ANNA, createWorld, OWNER, questions, sentTo, start, workspace } from "./asking.ts";
import { until, type World } from "./world.ts";

/** Answers what is asked in the owner's chat, as often as it is asked to; until the turn is answered in `chat`. */
async function answersUntilDone(world: World, chat: string, reply: string): Promise<void> {
  let answered = 0;
  await until(
    async () => {
      if (sentTo(world, chat).includes(reply)) return true;
      const open = sentTo(world, OWNER).filter(
        (text) => text.startsWith("❓") || /answer again \(/u.test(text),
      );
      if (open.length <= answered) return false;
      answered = open.length;
      // Longer than it takes to read it, by the clocks of both sides.
      await delay(400);
      const [number = "1"] = /^\d+(?=\. )/mu.exec(questions(world, OWNER).at(-1) ?? "") ?? [];
      await world.receive(OWNER, number);
      return false;
    },
    () => `${reply}: ${JSON.stringify(world.sent())}\n${world.lastLog()}`,
    40_000,
  );
}

/** Kills the gateway at the `count`th time that it comes to a step, then lets another go on. */
async function killedAt(
  step: string,
  count: number,
  from: string,
): Promise<{ world: World; wasKilled: boolean }> {
  const world = await createWorld();
  const first = await start(world);
  await first.kill("SIGTERM");
  const doomed = world.launchKilling({ step, count });
  await world.watching();
  await world.receive(from, "@ask edit notes.txt once");
  const answering = answersUntilDone(world, from, "allowed: once");
  const again = doomed.ended.then(({ signal }) => {
    if (signal === "SIGKILL") world.launchKilling();
    return signal === "SIGKILL";
  });
  await answering;
  const wasKilled = await Promise.race([again, delay(200, false)]);
  return { world, wasKilled };
}

describe("a gateway that is killed", () => {
  test.each([
    ["the owner's", OWNER, "approval.asked", 1],
    ["the owner's", OWNER, "part.claimed", 1],
    ["a guest's", ANNA, "send.answered", 1],
    ["the owner's", OWNER, "part.settled", 1],
    ["a guest's", ANNA, "rows.accepted", 2],
    ["the owner's", OWNER, "rows.decided", 2],
    ["a guest's", ANNA, "rows.accepted", 3],
    ["the owner's", OWNER, "rows.decided", 3],
    ["a guest's", ANNA, "agent.answered", 1],
  ] as const)("asks once for %s turn (%s), at %s, time %i", async (...[, from, step, count]) => {
    const { world, wasKilled } = await killedAt(step, count, from);
    await using _ = world;
    expect(wasKilled).toBe(true);
    // What was allowed and told to the agent is asked again: nobody knows whether it did it.
    const most = step === "agent.answered" ? 2 : 1;
    expect(questions(world, OWNER).length).toBeLessThanOrEqual(most);
    expect(sentTo(world, from).filter((text) => text === "allowed: once")).toHaveLength(1);
    expect(await readFile(join(workspace(world), "notes.txt"), "utf8")).toBe("once\n");
  });

  test("asks again when the answer was told to the agent, which may have acted on it", async () => {
    const { world, wasKilled } = await killedAt("approval.taken", 1, ANNA);
    await using _ = world;
    expect(wasKilled).toBe(true);
    expect(questions(world, OWNER)).toHaveLength(2);
    expect(sentTo(world, ANNA).filter((text) => text === "allowed: once")).toHaveLength(1);
  });
});
