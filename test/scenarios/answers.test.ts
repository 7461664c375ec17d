// The main job, through real processes: a text comes in, an agent answers in the same chat.
import { readFile, writeFile, chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World, type WorldOptions } from "./world.ts";

const GATEWAY = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const ANNA = "+14155550001";
const BEN = "ben@example.com";

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("a text is answered once, in its chat", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    await world.receive(ANNA, "hello");
    await world.receive(BEN, "hi there");
    await world.expectSent(ANNA, ["You said: hello"]);
    await world.expectSent(BEN, ["You said: hi there"]);
  });

  test("a stranger is paired, approved from the command line, and what was written meanwhile is answered as one", async () => {
    await using world = await World.create({ dialect, imessage: { dmPolicy: "pairing", allowFrom: [] } });
    await world.start();
    await world.receive(ANNA, "knock knock");
    const [reply] = await until(() => world.sentTo(ANNA).length > 0 && world.sentTo(ANNA));
    const code = /approve imessage ([A-Z2-9]{8})/.exec(reply ?? "")?.[1] ?? "";
    expect(reply).toContain(ANNA);
    await world.receive(ANNA, "anybody there?");

    const approved = await world.coderclaw("pairing", "approve", "imessage", code.toLowerCase());
    expect([approved.code, approved.stderr]).toEqual([0, ""]);
    await until(
      () => world.sentTo(ANNA).length >= 3,
      () => world.lastLog(),
    );
    const [, notice, answer, ...more] = world.sentTo(ANNA);
    expect([notice?.toLowerCase().includes("approved"), more]).toEqual([true, []]);
    expect(answer).toBe("You said: knock knock\nanybody there?");

    await world.receive(ANNA, "thanks");
    await until(
      () => world.sentTo(ANNA).includes("You said: thanks"),
      () => world.lastLog(),
    );
  });

  test("an approval given while the gateway is stopped counts at its next start", async () => {
    await using world = await World.create({ dialect, imessage: { dmPolicy: "pairing", allowFrom: [] } });
    const gateway = await world.start();
    await world.receive(ANNA, "let me in");
    await until(
      () => world.sentTo(ANNA).length === 1,
      () => world.lastLog(),
    );
    await gateway.kill("SIGTERM");
    const listed = await world.coderclaw("pairing", "list", "imessage", "--json");
    const code = /"([A-Z2-9]{8})"/.exec(listed.stdout)?.[1] ?? "";
    expect((await world.coderclaw("pairing", "approve", "imessage", code)).code).toBe(0);
    await world.start();
    await until(
      () => world.sentTo(ANNA).includes("You said: let me in"),
      () => world.lastLog(),
    );
  });

  test("long answers come in order, in chunks that end between words", async () => {
    await using world = await World.create({ dialect, imessage: { textChunkLimit: 40 } });
    await world.start();
    const words = Array.from({ length: 60 }, (_, at) => `word${at}`).join(" ");
    await world.receive(ANNA, words);
    await until(
      () => world.sentTo(ANNA).join(" ") === `You said: ${words}`,
      () => JSON.stringify(world.sentTo(ANNA)),
    );
    expect(Math.max(...world.sentTo(ANNA).map((text) => text.length))).toBeLessThanOrEqual(40);
  });
});

test("a command agent gets the text on stdin and its environment; what it prints is the answer", async () => {
  await using world = await World.create({
    config: { agents: { defaults: { runtime: { type: "command", command: ["sh", "agent.sh"] } } } },
  });
  const workspace = join(world.dir, "state/workspace");
  await writeFile(join(world.dir, "agent.sh"), "");
  await world.configure({
    config: {
      agents: {
        defaults: {
          workspace: world.dir,
          runtime: { type: "command", command: ["./agent.sh"], timeoutSeconds: 20 },
        },
      },
    },
  });
  await writeFile(
    join(world.dir, "agent.sh"),
    '#!/bin/sh\nread text\nprintf "%s|%s|%s|%s" "$text" "$CODERCLAW_SENDER" "$CODERCLAW_SESSION_KEY" "$CODERCLAW_TURN_ATTEMPT"\n',
  );
  await chmod(join(world.dir, "agent.sh"), 0o755);
  expect(workspace).toContain("workspace");
  await world.start();
  await world.receive(ANNA, "$(touch pwned); `id`");
  await world.expectSent(ANNA, [`$(touch pwned); \`id\`|${ANNA}|agent:main:main|1`]);
});

test("a failed agent gives the sender one short sentence and the cause to the log", async () => {
  await using world = await World.create({
    config: {
      agents: {
        defaults: { runtime: { type: "command", command: ["sh", "-c", "echo secret detail >&2; exit 3"] } },
      },
    },
  });
  await world.start();
  await world.receive(ANNA, "hello");
  const [text] = await until(
    () => world.sentTo(ANNA).length > 0 && world.sentTo(ANNA),
    () => world.lastLog(),
  );
  expect(text).toMatch(/^Sorry, I could not answer that\. \(ref [A-Z2-9]{4}\)$/);
  await until(
    () => world.lastLog().includes("secret detail"),
    () => world.lastLog(),
  );
});

test("messages that arrive while a turn runs are taken together by the next one", async () => {
  await using world = await World.create({});
  const gate = join(world.dir, "gate");
  await world.configure({
    config: {
      agents: {
        defaults: {
          runtime: {
            type: "command",
            command: [
              "sh",
              "-c",
              `text=$(cat); while [ ! -f '${gate}' ]; do sleep 0.02; done; printf 'got: %s' "$text"`,
            ],
          },
        },
      },
    },
  });
  await world.start();
  await world.receive(ANNA, "one");
  await until(
    () => /agent main runs|turn .* begun|from .*turn for agent/.test(world.lastLog()),
    () => world.lastLog(),
  );
  await world.receive(ANNA, "two");
  await world.receive(ANNA, "three");
  await until(
    () => (world.lastLog().match(/turn for agent/g) ?? []).length === 3,
    () => world.lastLog(),
  );
  await writeFile(gate, "");
  await world.expectSent(ANNA, ["got: one", "got: two\nthree"]);
});

test("state and secrets are nobody else's to read", async () => {
  await using world = await World.create({});
  await world.start();
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
  for (const name of ["state.db", "state.db-wal", "gateway.token"])
    expect([name, (await stat(join(world.dir, "state", name))).mode & 0o077]).toEqual([name, 0]);
  const token = (await readFile(join(world.dir, "state/gateway.token"), "utf8")).trim();
  expect(world.lastLog()).not.toContain(token);
});

test("no secret is in the log: neither the token, made or configured, nor what came from the environment", async () => {
  const script = `echo "seen: configured-token $1 $(cat "$2")" >&2; exit 1`;
  const options = (gateway: object): WorldOptions => ({
    config: {
      gateway,
      logging: { level: "debug" },
      agents: {
        defaults: {
          runtime: {
            type: "command",
            command: ["sh", "-c", script, "sh", "${AGENT_KEY}", "../gateway.token"],
          },
        },
      },
    },
  });
  await using world = await World.create(options({}));
  const setKey = `data:text/javascript,process.env.AGENT_KEY="key-of-the-agent"`;
  world.launch(["--import", setKey, GATEWAY, "gateway"]);
  const says = async (what: string): Promise<unknown> =>
    until(
      () => world.lastLog().includes(what),
      () => world.lastLog(),
    );
  await says("] watching,");
  await world.receive(ANNA, "one");
  await says("seen: configured-token •••• ••••");
  await world.configure(options({ token: "configured-token" }));
  await says("config taken over");
  await world.receive(ANNA, "two");
  await says("seen: •••• ••••");
});
