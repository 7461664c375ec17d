// A process that works on a state database until it is killed: messages in, turns, answers out, in eight chats at once.
import type { Handle } from "../../src/model/handle.ts";
import type { ConversationId } from "../../src/model/ids.ts";
import type { Turn } from "../../src/model/turn.ts";
import { openStore } from "../../src/store/open.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { Entry } from "../../src/model/journal.ts";
import { AS_CONTEXT, commandOutcome, HOME, World } from "./store-world.ts";

const CHATTER = "(chatter)";
const STOP = "/stop";
const [path = ""] = process.argv.slice(2);
const world = await World.create(async () => ({
  connect: async (clock) => openStore({ path, clock }),
  remove: async () => {},
}));

async function talk(who: Handle): Promise<void> {
  for (let round = 0; ; round++) {
    world.nowMs = Date.now();
    const [, entry] = await world.accept(world.message(who, CHATTER), world.message(who, `${round}`));
    // What another of these lanes accepted meanwhile is decided here too: it need not be decided there.
    await world.store.inbox.decide(HOME, world.verdict(decide));
    if (entry?.conversationId === undefined) throw new Error("a new message was not journaled in its chat");
    const turn = await begin(entry.conversationId);
    if (round % 3 === 2) await stop(who, entry.conversationId);
    else await answer(turn, round);
    for (const part of await world.claim())
      await world.settle(part, { state: "sent", guid: undefined, rowId: undefined });
    process.stdout.write(".");
  }
}

function decide(entry: Entry): Partial<Decision> {
  const { text } = entry.message;
  if (text === CHATTER) return { outcome: AS_CONTEXT };
  return text === STOP ? { outcome: commandOutcome({}) } : {};
}

async function begin(conversationId: ConversationId): Promise<Turn> {
  const context = () => ({ messages: 2, turns: 1 });
  const limits = world.limits({ maxPerMinute: Number.MAX_SAFE_INTEGER, context });
  const begun = await world.store.turns.begin(conversationId, limits);
  if (!begun || !("id" in begun)) throw new Error("no turn began");
  return begun;
}

async function stop(who: Handle, conversationId: ConversationId): Promise<void> {
  await world.accept(world.message(who, STOP));
  await world.store.inbox.decide(HOME, world.verdict(decide));
  for (const command of await world.store.commands.open(HOME))
    if (command.conversationId === conversationId)
      await world.finish(command, { kind: "stop" }, { texts: ["stopped"] });
}

async function answer(turn: Turn, round: number): Promise<void> {
  const group = world.group(turn.conversationId, `${round} a`, `${round} b`);
  await world.store.turns.finish(turn, { state: "answered", text: `${round}` }, group, world.nowMs);
}

await Promise.all(Array.from({ length: 8 }, async (_, index) => talk(`+1555000001${index}` as Handle)));
