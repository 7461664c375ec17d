import { expect, test } from "vitest";
import { ANNA, BEN, FlowWorld, say, STOP } from "../../test/flow/flow-world.ts";

/** An agent that works until it is told to end, and then says something all the same. */
async function working(signal: AbortSignal): Promise<string> {
  const over = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => over.resolve());
  if (!signal.aborted) await over.promise;
  return "too late";
}

function finished(world: FlowWorld): number {
  return world.steps.filter((step) => step.startsWith("command.finished")).length;
}

test("a command is carried out beside a running turn, and answered in its chat", async () => {
  await using world = await FlowWorld.create();
  const gate = Promise.withResolvers<string>();
  world.play = async () => gate.promise;
  await world.receive(ANNA, "a long question");
  await world.until(() => world.prompts.length === 1, "the turn runs");
  await world.receive(ANNA, "/status");
  await world.expectSent("/status done");
  expect(world.sent[0]).toMatchObject({ to: "chat_id:1", part: { origin: "command" } });
  gate.resolve("the answer");
  await world.expectSent("/status done", "the answer");
});

test("no prefix of agents' replies stands before a command's", async () => {
  await using world = await FlowWorld.create({ account: { responsePrefix: "bot: " } });
  await world.receive(ANNA, "/status");
  await world.receive(ANNA, "hi");
  await world.expectSent("/status done", "bot: You said: hi");
});

test("/stop ends the running turn; what the agent still says goes nowhere, and what waited is not answered", async () => {
  await using world = await FlowWorld.create();
  world.carry = async () => STOP;
  world.play = async (_request, signal) => working(signal);
  await world.receive(ANNA, "one");
  await world.until(() => world.prompts.length === 1, "the turn runs");
  await world.receive(ANNA, "two");
  await world.receive(ANNA, "/stop");
  await world.expectSent("stopped 1, dropped 1");
  world.play = async ({ prompt }) => `You said: ${prompt}`;
  await world.receive(ANNA, "three");
  await world.expectSent("stopped 1, dropped 1", "You said: three");
});

test("an answer that comes in the moment of the stop is sent whole or not at all, and the stop says which", async () => {
  await using world = await FlowWorld.create({ account: { turnsPerMinute: 1000 } });
  world.carry = async () => STOP;
  for (let round = 0; round < 20; round += 1) {
    const gate = Promise.withResolvers<string>();
    world.play = async () => gate.promise;
    const before = world.prompts.length;
    world.sent.length = 0;
    await world.receive(ANNA, `question ${round}`);
    await world.until(() => world.prompts.length > before, "the turn runs");
    const stopping = world.receive(ANNA, "/stop");
    setTimeout(() => gate.resolve("the answer"), round % 4);
    await stopping;
    await world.until(() => finished(world) > round, "the stop is done");
    world.play = async () => "next";
    await world.receive(ANNA, "next");
    await world.until(() => world.sent.at(-1)?.text === "next", "the next is answered");
    const texts = world.sent.map(({ text }) => text).slice(0, -1);
    expect([["the answer"], ["stopped 1, dropped 0"]]).toContainEqual(texts);
  }
});

test("nothing to stop: nothing is said", async () => {
  await using world = await FlowWorld.create();
  world.carry = async () => STOP;
  await world.receive(ANNA, "/stop");
  await world.receive(ANNA, "hello");
  await world.expectSent("You said: hello");
});

test("commands of one conversation one at a time, in order; one that hangs holds up nobody else", async () => {
  await using world = await FlowWorld.create({ settings: { maxConcurrentTurns: 1 } });
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  world.carry = async ({ command, message }) => {
    begun.push(`${message.sender} ${command.name}`);
    if (message.sender === ANNA && command.name !== "whoami") await gate.promise;
    return say(command.name);
  };
  await world.receive(ANNA, "/status");
  await world.receive(ANNA, "/new");
  await world.receive(ANNA, "/whoami");
  await world.receive(BEN, "/help");
  await world.receive(BEN, "hello");
  await world.until(() => world.sent.length === 2, "Ben is answered");
  expect(begun).toEqual([`${ANNA} status`, `${BEN} help`]);
  gate.resolve();
  await world.until(() => world.sent.length === 5, "Anna is answered");
  expect(world.sent.filter(({ to }) => to === "chat_id:1")[0]?.text).toBe("status");
});

test("/new waits for the messages before it, and those after it wait for its end", async () => {
  await using world = await FlowWorld.create();
  const gate = Promise.withResolvers<string>();
  const sessions: string[] = [];
  world.play = async ({ prompt, turn }) => {
    sessions.push(turn.sessionId);
    return prompt === "one" ? gate.promise : `You said: ${prompt}`;
  };
  world.carry = async ({ command }) => ({
    effect: { kind: "reset", first: command.args },
    reply: () => (command.args === "" ? "new session" : ""),
  });
  await world.receive(ANNA, "one");
  await world.until(() => world.prompts.length === 1, "the turn runs");
  await world.receive(ANNA, "/new two");
  await world.receive(ANNA, "/new");
  await world.receive(ANNA, "three");
  gate.resolve("first");
  await world.expectSent("first", "You said: two", "new session", "You said: three");
  expect(new Set(sessions).size).toBe(3);
});

test("what must not be done twice is not, when the process ended in the middle of it", async () => {
  await using world = await FlowWorld.create();
  world.onceOnly = true;
  const seen: boolean[] = [];
  // The first process hangs in the operation and is never heard of again.
  const never = Promise.withResolvers<never>();
  world.carry = async ({ wasBegun }) => {
    seen.push(wasBegun);
    return wasBegun ? say("it was begun before") : never.promise;
  };
  await world.receive(ANNA, "/status");
  await world.until(() => seen.length === 1, "it is begun");
  await world.start();
  await world.expectSent("it was begun before");
  expect(seen).toEqual([false, true]);
  never.reject(new Error("the first process ends"));
});

test("a journaled /stop wins over the turn that was running when the process ended", async () => {
  await using world = await FlowWorld.create();
  const hangs = Promise.withResolvers<never>();
  world.play = async () => hangs.promise;
  world.carry = async () => hangs.promise;
  await world.receive(ANNA, "delete everything");
  await world.until(() => world.prompts.length === 1, "the turn runs");
  await world.receive(ANNA, "/stop");
  world.play = async () => "done, all is deleted";
  // It takes its time: the turn must wait for it.
  world.carry = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return STOP;
  };
  await world.start();
  await world.expectSent("stopped 1, dropped 0");
  await world.receive(ANNA, "again");
  await world.expectSent("stopped 1, dropped 0", "done, all is deleted");
  expect(world.prompts).toEqual(["delete everything", "again"]);
  hangs.reject(new Error("the first process ends"));
});

test("a stop between a turn's beginning in the store and here: its agent ends all the same", async () => {
  await using world = await FlowWorld.create();
  world.carry = async () => STOP;
  world.play = async (_request, signal) => working(signal);
  const { turns } = world.store;
  const begin = turns.begin.bind(turns);
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  turns.begin = async (...asked) => {
    const turn = await begin(...asked);
    if (turn && "id" in turn) begun.resolve();
    await gate.promise;
    return turn;
  };
  await world.receive(ANNA, "one");
  await begun.promise;
  await world.receive(ANNA, "/stop");
  await world.expectSent("stopped 1, dropped 0");
  gate.resolve();
  await world.until(() => world.prompts.length === 1, "the agent is asked");
  world.play = async ({ prompt }) => `You said: ${prompt}`;
  await world.receive(ANNA, "two");
  await world.expectSent("stopped 1, dropped 0", "You said: two");
});

test("what is for the sender alone goes to their direct chat from a group, and nowhere else", async () => {
  await using world = await FlowWorld.create();
  world.carry = async ({ command }) => ({ ...say(`/${command.name} done`), isPrivate: true });
  await world.receive(ANNA, "hi");
  await world.expectSent("You said: hi");
  await world.receive(ANNA, "/status", 12);
  await world.receive(ANNA, "/help");
  await world.expectSent("You said: hi", "/status done", "/help done");
  expect(world.sent.map(({ to }) => to)).toEqual(["chat_id:1", expect.stringContaining(ANNA), "chat_id:1"]);
  expect(world.sent[1]?.part.conversationId).toBe(world.sent[0]?.part.conversationId);
});

test("where allowTo does not let the sender be written to, the group learns no more than that", async () => {
  await using world = await FlowWorld.create({ account: { allowTo: [{ kind: "chat_id", chatId: 12 }] } });
  world.carry = async () => ({ ...say("a secret"), isPrivate: true });
  await world.receive(ANNA, "/status", 12);
  await world.until(() => world.sent.length === 1, "an answer");
  expect(world.sent[0]).toMatchObject({ to: "chat_id:12", text: expect.stringContaining("allowTo") });
});
