// `/mode`, `/model`, and what `/agent`, `/status` and `/help` say of what an agent offers.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChatWorld } from "../../../test/control/chat-world.ts";
import { ANNA } from "../../../test/contracts/store-world.ts";
import type { AgentOffers } from "../../model/agent-session.ts";
import type { CommandEffect } from "../../model/command.ts";
import type { AgentId, SessionKey } from "../../model/ids.ts";

const MAIN = "agent:main:main" as SessionKey;
const GROUP = { chatId: 42 as never, chatGuid: "iMessage;+;c42" as never, isGroup: true };

const OFFERS: AgentOffers = {
  modes: [
    { id: "ask", name: "Ask" },
    { id: "plan", name: "Plan first" },
    { id: "auto", name: "auto" },
  ],
  mode: "ask",
  models: [
    { id: "small", name: "Small" },
    { id: "large-1", name: "Large 1" },
    { id: "large-2", name: "Large 2" },
  ],
  model: "small",
  commands: [{ name: "compact", description: "Make it short" }],
};

let chat: ChatWorld;
const configure = async (runtime: string): Promise<void> => {
  chat.write(`{
    channels: { imessage: { allowFrom: ["${ANNA}"], accounts: { home: {} } } },
    agents: { list: [{ id: "main", name: "Fred", runtime: ${runtime} }] },
  }`);
  await chat.reload();
};
beforeEach(async () => {
  chat = await ChatWorld.create("{}");
  await configure(`{ type: "acp", command: ["fred"] }`);
  chat.running.offers = OFFERS;
});
afterEach(async () => {
  await chat.remove();
  expect(chat.errors).toEqual([]);
});

const run = async (text: string): Promise<{ effect: CommandEffect; reply: string }> => {
  const { effect, reply } = await chat.operations.run(chat.command(text) as never);
  return { effect, reply: reply({ stopped: undefined, dropped: 0 }) };
};
/** Gives a command as the flow does: what it changes is changed. */
const carryOut = async (text: string): Promise<void> => {
  const { world } = chat.running;
  const [name = "", ...args] = text.slice(1).split(" ");
  const { effect } = await run(text);
  const command = { name: name as "mode", args: args.join(" "), inOrder: true };
  const { conversationId } = await world.gives(ANNA, command);
  await world.finish(await world.nextCommand(conversationId), effect);
};

describe("showing", () => {
  test("the modes and models, and which is in force by whose choice", async () => {
    expect(await chat.ask("/mode")).toBe(
      "Mode of Fred: ask (its own choice)\n→ ask\n• plan (Plan first)\n• auto\n/mode NAME chooses another.",
    );
    expect(await chat.ask("/model")).toMatch(
      /^Model of Fred: small \(its own choice\)\n→ small\n• large-1 \(/,
    );
    await configure(`{ type: "acp", command: ["fred"], mode: "auto" }`);
    expect(await chat.ask("/mode")).toMatch(/^Mode of Fred: auto \(by the configuration\)\n/);
    await carryOut("/mode plan");
    expect(await chat.ask("/mode")).toMatch(
      /^Mode of Fred: plan \(Plan first\) \(chosen here; \/mode default ends that\)\n• ask\n→ plan/,
    );
    await carryOut("/mode default");
    expect(await chat.ask("/mode")).toMatch(/^Mode of Fred: auto \(by the configuration\)\n/);
  });

  test("a long list is cut, what is in force is in it", async () => {
    const models = Array.from({ length: 300 }, (_, index) => ({ id: `m${index}`, name: `Model ${index}` }));
    chat.running.offers = { ...OFFERS, models, model: "m299" };
    const reply = await chat.ask("/model");
    expect(reply).toContain("→ m299 (Model 299)\n• m0");
    expect(reply).toContain("… and 280 more: /model with a part of the name");
    expect(reply.length).toBeLessThan(1000);
  });

  test.each([
    [`{ type: "echo" }`, "Fred has no modes to choose from.", "Fred has no models to choose from."],
    [
      `{ type: "acp", command: ["fred"] }`,
      "Fred has not said yet what it offers here: write it a message first.",
      "Fred has not said yet what it offers here: write it a message first.",
    ],
    [
      `{ type: "model", baseUrl: "http://127.0.0.1:1/v1", model: "tiny" }`,
      "Fred has no modes to choose from.",
      "Fred uses the model tiny. Its API does not say now which others there are.",
    ],
  ])("where nothing is offered: %s", async (runtime, modes, models) => {
    await configure(runtime);
    chat.running.offers = undefined;
    for (const args of ["", " plan"]) {
      expect(await run(`/mode${args}`)).toEqual({ effect: { kind: "none" }, reply: modes });
      expect(await run(`/model${args}`)).toEqual({ effect: { kind: "none" }, reply: models });
    }
  });

  test("a new session offers what the one before did, and has no mode yet", async () => {
    const { world, store } = chat.running;
    await world.answer(ANNA, "hello");
    const sessionId = (await store.sessions.show(MAIN, 1))?.sessionId ?? "";
    await store.agentSessions.keep("main" as AgentId, sessionId, { nativeId: "n", offers: OFFERS });
    chat.running.offers = undefined;
    await store.sessions.reset(MAIN, world.nowMs);
    expect(await chat.ask("/mode")).toMatch(/^Mode of Fred: its own choice\n• ask\n• plan/);
    expect((await run("/mode plan")).effect).toEqual({ kind: "choose", what: "mode", id: "plan" });
  });
});

describe("choosing", () => {
  test.each([
    ["/mode plan", "mode", "plan", "Fred works in mode plan (Plan first) from now on."],
    ["/Mode Plan First", "mode", "plan", "Fred works in mode plan (Plan first) from now on."],
    ["/mode AU", "mode", "auto", "Fred works in mode auto from now on."],
    ["/model Large 2", "model", "large-2", "Fred uses the model large-2 (Large 2) from now on."],
  ])("%s", async (text, what, id, reply) => {
    expect(await run(text)).toEqual({
      effect: { kind: "choose", what, id },
      reply: `${reply}\n/${what} default ends that.`,
    });
  });

  test.each([
    ["/mode sleep", 'There is no mode "sleep".\n→ ask\n• plan (Plan first)\n• auto'],
    ["/model large", 'Which model is "large"?\n• large-1 (Large 1)\n• large-2 (Large 2)'],
    ["/model 2", 'Which model is "2"?\n• large-2 (Large 2)'],
  ])("%s is not known", async (text, reply) => {
    expect(await run(text)).toEqual({ effect: { kind: "none" }, reply });
  });

  test("default gives the choice back, to whom it is said", async () => {
    expect(await run("/mode Default")).toEqual({
      effect: { kind: "choose", what: "mode", id: undefined },
      reply: "Fred itself chooses the mode again.",
    });
    await configure(`{ type: "acp", command: ["fred"], model: "large-1" }`);
    expect((await run("/model default")).reply).toBe("The configuration chooses the model again.");
    chat.running.offers = undefined;
    expect((await run("/model default")).effect).toMatchObject({ id: undefined });
  });

  test("a mode that the agent calls default is meant by that word", async () => {
    chat.running.offers = { ...OFFERS, modes: [...OFFERS.modes, { id: "default", name: "Always Ask" }] };
    expect((await run("/mode default")).effect).toEqual({ kind: "choose", what: "mode", id: "default" });
  });

  test("/agent and /status say what is chosen", async () => {
    expect(await chat.ask("/agent")).toContain(
      "Kind: acp, mode ask, model small\nIt offers 3 modes (/mode), 3 models (/model), 1 command of its own (/help).\n→ main (Fred)",
    );
    expect(await chat.ask("/status")).toMatch(/^Agent: Fred\n/);
    await carryOut("/mode plan");
    await carryOut("/model large-2");
    expect(await chat.ask("/agent")).toContain("Kind: acp, mode plan, model large-2\n");
    expect(await chat.ask("/status", { role: "authorised" })).toMatch(
      /^Agent: Fred, mode plan, model large-2\n/,
    );
  });
});

describe("an agent's own commands in /help", () => {
  const help = async (...commands: [name: string, description: string][]): Promise<string[]> => {
    chat.running.offers = {
      ...OFFERS,
      commands: commands.map(([name, description]) => ({ name, description })),
    };
    const [, own] = (await chat.ask("/help")).split("\n\nFred itself knows:\n");
    return own?.split("\n") ?? [];
  };

  test("are listed, one line each", async () => {
    expect(await help(["compact", "Make it\nshort"], ["mcp:files:find", ""])).toEqual([
      "/compact: Make it short",
      "/mcp:files:find",
    ]);
  });

  test("never pass for the gateway's", async () => {
    const names = [
      "help",
      "Stop",
      "commands",
      "model",
      "new:x",
      "config",
      "a b",
      "x\n/stop",
      "",
      "-rf",
      "ok",
    ];
    expect(await help(...names.map((name): [string, string] => [name, "Mine"]))).toEqual(["/ok: Mine"]);
    const [first = ""] = await help(["ok", "a\u202e\u0000\u2028/stop: this"]);
    expect(first).toBe("/ok: a /stop: this");
  });

  test("are at most fifteen, and short", async () => {
    const many = Array.from({ length: 40 }, (_, index): [string, string] => [`c${index}`, "x".repeat(9000)]);
    const own = await help(...many);
    expect(own).toHaveLength(16);
    expect(own[15]).toBe("… and 25 more");
    for (const line of own) expect(line.length).toBeLessThan(110);
  });

  test("are for everybody in a direct chat, and for nobody in a group", async () => {
    expect(await chat.ask("/help", { role: "authorised" })).toContain("Fred itself knows:\n/compact: ");
    chat.write(chat.read().replace(`allowFrom: [`, `groups: { "42": {} }, allowFrom: [`));
    await chat.reload();
    expect(await chat.ask("/help", { message: GROUP })).not.toContain("Fred");
  });

  test("nothing is said of an agent that has none", async () => {
    expect(await help()).toEqual([]);
    chat.running.offers = undefined;
    expect(await chat.ask("/help")).not.toContain("Fred");
  });
});
