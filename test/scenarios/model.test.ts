// The model agent through the real gateway: it answers, remembers, forgets, waits for a busy server, and fails with a cause.
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import {
  chunk,
  heard,
  say,
  saySilence,
  sendError,
  startModelServer,
  stream,
  type ModelServer,
} from "../fixtures/agents/model-server.ts";
import { until, World } from "./world.ts";

const ANNA = "+14155550001";
const OWNER = "+14155550009";
const KEY = "sk-the-key-of-the-owner";

const servers: ModelServer[] = [];
let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
  servers.push(server);
});
afterAll(async () => Promise.all(servers.map(async (one) => one.close())));

async function createWorld(
  runtime: Record<string, unknown> = {},
  defaults: Record<string, unknown> = {},
): Promise<World> {
  const model = { type: "model", baseUrl: server.baseUrl, apiKey: KEY, model: "crab", ...runtime };
  return World.create({
    config: {
      agents: { defaults: { runtime: model, ...defaults } },
      commands: { ownerAllowFrom: [OWNER] },
      session: { dmScope: "per-peer" },
    },
  });
}

/** Writes, and waits for the answer. */
async function converse(world: World, text: string, answer: string): Promise<void> {
  await world.receive(ANNA, text);
  await until(
    () => world.sentTo(ANNA).at(-1) === answer,
    () => `${JSON.stringify(world.sentTo(ANNA))} instead of ${answer}\n${world.lastLog()}`,
  );
}

describe("memory", () => {
  test("it knows what was said before, after a restart too, until /new", async () => {
    await using world = await createWorld();
    const gateway = await world.start();
    await converse(world, "my name is Anna", "Heard: my name is Anna");
    await converse(world, "who am I?", "Heard: my name is Anna / who am I?");
    expect(server.chats.at(-1)?.body?.messages).toEqual([
      { role: "user", content: "my name is Anna" },
      { role: "assistant", content: "Heard: my name is Anna" },
      { role: "user", content: "who am I?" },
    ]);

    await gateway.kill("SIGTERM");
    await world.start();
    await converse(world, "still?", "Heard: my name is Anna / who am I? / still?");

    await world.receive(ANNA, "/new");
    await until(
      () => world.sentTo(ANNA).length === 4,
      () => world.lastLog(),
    );
    await converse(world, "and now?", "Heard: and now?");
    expect(world.sentTo(ANNA)).toHaveLength(5);
  });

  test("people do not read each other's words", async () => {
    await using world = await createWorld();
    await world.start();
    await converse(world, "a secret", "Heard: a secret");
    await world.receive(OWNER, "hello");
    await world.expectSent(OWNER, ["Heard: hello"]);
  });
});

test("what it thinks aloud reaches nobody, and is not told it again", async () => {
  await using world = await createWorld({}, { streaming: "paragraphs" });
  await world.start();
  server.next(say("SECRET one\n\n", "SECRET two\n</th", "ink>\n\nfirst"));
  await converse(world, "hello", "first");
  server.next(say("<reasoning>SECRET\n\n", "SECRET</reasoning>", "second"));
  await converse(world, "again", "second");
  await converse(world, "last", "Heard: hello / again / last");
  expect(JSON.stringify([world.sentTo(ANNA), server.chats.map(({ body }) => body)])).not.toContain("SECRET");
});

test("when its time is up, what it said so far arrives", async () => {
  await using world = await createWorld({ timeoutSeconds: 2 });
  await world.start();
  server.next(stream([chunk({ content: "so far" })], true));
  const guid = await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["so far", "(I ran out of time before I finished.)"]);
  expect((await world.coderclaw("explain", guid)).stdout).toContain("cut short: no answer within 2 s");
});

test("a conversation that is too long for the model goes on with less of it", async () => {
  await using world = await createWorld();
  await world.start();
  await converse(world, "one", "Heard: one");
  await converse(world, "two", "Heard: one / two");
  server.always((response, asked) => {
    if ((asked.body?.messages.length ?? 0) > 1)
      sendError(500, "the request exceeds the available context size")(response, asked);
    else say("short")(response, asked);
  });
  await converse(world, "three", "short");
});

test("a busy server is asked again when it says, and the answer comes once", async () => {
  server.next(
    sendError(429, "slow down", { "retry-after": "1" }),
    sendError(503, "loading", { "retry-after": "0" }),
  );
  await using world = await createWorld();
  await world.start();
  await converse(world, "hello", "Heard: hello");
  expect(server.chats).toHaveLength(3);
  expect(world.sentTo(ANNA)).toEqual(["Heard: hello"]);
});

test("a wrong key: an apology to the sender, the cause to the owner, the key to nobody", async () => {
  server.always(sendError(401, `Incorrect API key provided: ${KEY}`));
  await using world = await createWorld();
  await world.start();
  const guid = await world.receive(ANNA, "hello");
  await until(
    () => world.sentTo(ANNA).length > 0 && world.sentTo(OWNER).length > 0,
    () => world.lastLog(),
  );
  expect(world.sentTo(ANNA)).toEqual([
    expect.stringMatching(/^Sorry, I could not answer that\. \(ref \w+\)$/),
  ]);
  const cause = `${server.baseUrl} does not take the key (401): check \`apiKey\` in the runtime of agent main`;
  expect(world.sentTo(OWNER).join("\n")).toContain(cause);
  const { stdout } = await world.coderclaw("explain", guid);
  expect(stdout).toContain("does not take the key (401)");
  const shown = await world.coderclaw("config", "get", "agents.defaults.runtime");
  expect(shown.stdout).toContain("••••");
  const everything = [world.lastLog(), stdout, shown.stdout, ...world.sentTo(OWNER), ...world.sentTo(ANNA)];
  expect(everything.join("\n")).not.toContain(KEY);
  expect(server.chats).toHaveLength(1);
});

test("killed in mid-turn, the answer comes once after the next start", async () => {
  server.next(saySilence);
  await using world = await createWorld();
  const doomed = await world.start();
  await world.receive(ANNA, "hello");
  await until(
    () => server.chats.length === 1,
    () => world.lastLog(),
  );
  await doomed.kill();
  await world.start();
  await converse(world, "the last word", "Heard: hello / the last word");
  expect(world.sentTo(ANNA)).toEqual(["Heard: hello", "Heard: hello / the last word"]);
  expect(server.chats.map(heard)).toEqual([["hello"], ["hello"], ["hello", "the last word"]]);
});

test("paragraphs arrive while the model still writes; what broke off goes on where it was", async () => {
  await using world = await createWorld({}, { streaming: "paragraphs" });
  await world.start();
  // The first answer of a model is held back until it is whole: it may turn out to be a thought.
  await converse(world, "hello", "Heard: hello");
  const rest = Promise.withResolvers<void>();
  server.next((response) => {
    stream([chunk({ content: "one\n\ntw" }), chunk({ content: "o\n\nth" })], true)(
      response,
      server.chats[1]!,
    );
    void rest.promise.then(() => response.destroy());
  }, say("one\n\ntwo\n\nthree\n\nfour"));
  await world.receive(ANNA, "count");
  await world.expectSent(ANNA, ["Heard: hello", "one", "two"]);
  rest.resolve();
  await until(
    () => world.sentTo(ANNA).join("\n\n").includes("four"),
    () => world.lastLog(),
  );
  expect(world.sentTo(ANNA).slice(1).join("\n\n")).toBe("one\n\ntwo\n\nthree\n\nfour");
  expect(server.chats).toHaveLength(3);
});

test("/stop closes the request, and nothing of it is answered", async () => {
  server.next(saySilence, say("never mind"));
  await using world = await createWorld();
  await world.start();
  await world.receive(ANNA, "hello");
  await until(
    () => server.open() === 1,
    () => world.lastLog(),
  );
  await world.receive(ANNA, "/stop");
  await until(
    () => server.open() === 0 && world.sentTo(ANNA).length === 1,
    () => world.lastLog(),
  );
  await converse(world, "go on", "never mind");
  expect(world.sentTo(ANNA)).toHaveLength(2);
});
