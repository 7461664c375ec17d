// A process that works on a state database until it is killed: messages in, turns, answers out, in eight chats at once.
import type { Handle } from "../../src/model/handle.ts";
import type { ConversationId } from "../../src/model/ids.ts";
import { openStore } from "../../src/store/open.ts";
import { HOME, World } from "./store-world.ts";

const [path = ""] = process.argv.slice(2);
const world = await World.create(async () => ({
  connect: async (clock) => openStore({ path, clock }),
  remove: async () => {},
}));

async function talk(who: Handle): Promise<void> {
  for (let round = 0; ; round++) {
    world.nowMs = Date.now();
    const [entry] = await world.accept(world.message(who, `${round}`));
    // What another of these lanes accepted meanwhile is decided here too: it need not be decided there.
    await world.store.inbox.decide(
      HOME,
      world.verdict(() => ({})),
    );
    if (entry?.conversationId === undefined) throw new Error("a new message was not journaled in its chat");
    await answer(entry.conversationId, round);
    for (const part of await world.claim())
      await world.settle(part, { state: "sent", guid: undefined, rowId: undefined });
    process.stdout.write(".");
  }
}

async function answer(conversationId: ConversationId, round: number): Promise<void> {
  const turn = await world.begin(conversationId, Number.MAX_SAFE_INTEGER);
  const group = world.group(conversationId, `${round} a`, `${round} b`);
  await world.store.turns.finish(turn, { state: "answered", text: `${round}` }, group, world.nowMs);
}

await Promise.all(Array.from({ length: 8 }, async (_, index) => talk(`+1555000001${index}` as Handle)));
