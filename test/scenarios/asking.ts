// Worlds in which an agent asks before it acts, and what people see of that.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { until, World, type WorldOptions } from "./world.ts";

const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));
export const OWNER = "+14155550009";
export const ANNA = "+14155550001";
/** How long nothing answers a question after it was sent: of a gateway with the delays of the tests, and of a real one. */
const READING_MS = 150;
export const REAL_READING_MS = 2_000;

/** What a world begins with. */
export interface Asking extends WorldOptions {
  readonly permissions?: "ask" | "allow" | "deny";
  readonly owners?: readonly string[];
}

/** A world whose agent "Crab" does what a script in the message says; it is not started. */
export async function createWorld({
  permissions,
  owners = [OWNER],
  ...options
}: Asking = {}): Promise<World> {
  const runtime = { type: "acp", command: [process.execPath, AGENT, "--load"], permissions };
  return World.create({
    ...options,
    config: {
      agents: {
        list: [{ id: "crab", name: "Crab", runtime: JSON.parse(JSON.stringify(runtime)) as object }],
      },
      commands: { ownerAllowFrom: owners },
      session: { dmScope: "per-peer" },
      ...options.config,
    },
  });
}

/** Starts a gateway with the delays of the tests and waits until it watches. */
export async function start(world: World): Promise<ReturnType<World["launchKilling"]>> {
  const gateway = world.launchKilling();
  await world.watching();
  return gateway;
}

export function workspace(world: World): string {
  return join(world.dir, "state/workspace");
}

export function isWritten(world: World, file: string): boolean {
  return existsSync(join(workspace(world), file));
}

/** What was sent to a chat, without the line end that the agent says after each answer. */
export function sentTo(world: World, chat: string | number): string[] {
  return world.sentTo(chat).map((text) => text.trimEnd());
}

/** The questions in a chat. */
export function questions(world: World, chat: string | number): string[] {
  return world.sentTo(chat).filter((text) => text.startsWith("❓"));
}

/** Waits until `count` questions came to a chat; the answer is the last of them. */
export async function shown(world: World, chat: string | number, count = 1): Promise<string> {
  await until(
    () => questions(world, chat).length >= count,
    () => `${count} questions to ${chat}: ${JSON.stringify(world.sent())}\n${world.lastLog()}`,
  );
  return questions(world, chat)[count - 1] ?? "";
}

interface Explained {
  readonly messages?: readonly {
    readonly story: {
      readonly approvals: readonly { readonly asked: readonly { readonly shownAtMs?: number }[] }[];
    };
  }[];
}

/** Waits until the newest question of the turn of a message can be answered wherever it is shown. */
export async function answerable(world: World, guid: string, readingMs = READING_MS): Promise<void> {
  const shownAtMs = await until(
    async () => {
      const { messages } = await world.ask<Explained>(`/api/explain/${encodeURIComponent(guid)}`);
      const asked = messages?.[0]?.story.approvals.at(-1)?.asked.map((one) => one.shownAtMs) ?? [];
      return asked.length > 0 && asked.every((atMs) => atMs !== undefined) && Math.max(...asked.map(Number));
    },
    () => `the question of ${guid} is not shown\n${world.lastLog()}`,
  );
  await delay(Math.max(0, shownAtMs + readingMs - Date.now()) + 1);
}

/** Somebody's message makes the agent ask the owner, who may answer from then on; gives the message's guid and the question. */
export async function asks(
  world: World,
  from: string,
  script: string,
  { count = 1, chat = OWNER }: { readonly count?: number; readonly chat?: string } = {},
): Promise<{ readonly guid: string; readonly question: string }> {
  const guid = await world.receive(from, script);
  const question = await shown(world, chat, count);
  await answerable(world, guid);
  return { guid, question };
}

/** Waits for a text that is sent to a chat. */
export async function said(world: World, chat: string | number, text: string | RegExp): Promise<void> {
  const isIt = (one: string): boolean => (typeof text === "string" ? one === text : text.test(one));
  await until(
    () => sentTo(world, chat).some(isIt),
    () => `${String(text)} in ${JSON.stringify(world.sent())}\n${world.lastLog()}`,
  );
}
