import { expect, test } from "vitest";
import { silentHost } from "../../test/contracts/agent.contract.ts";
import type { AgentRuntime } from "../model/ports.ts";
import { asId, type AgentId } from "../model/ids.ts";
import type { AgentSettings, RuntimeSettings } from "../model/settings.ts";
import type { AgentEvent } from "../model/turn.ts";
import { Agents } from "./agents.ts";

/** A runtime that answers when it is told to. */
class Slow implements AgentRuntime {
  readonly output = "plain";
  readonly remembers = false;
  isClosed = false;
  readonly answer = Promise.withResolvers<void>();
  async *run(): AsyncIterable<AgentEvent> {
    await this.answer.promise;
    yield { kind: "text", text: "done" };
  }
  async offers(): Promise<undefined> {
    return undefined;
  }
  async close(): Promise<void> {
    this.isClosed = true;
    this.answer.resolve();
  }
}

const MAIN = asId<AgentId>("main");
const agent = (runtime: RuntimeSettings): AgentSettings => ({
  id: MAIN,
  name: "main",
  runtime,
  workspace: "/w",
  mentionPatterns: [],
  streaming: "off",
  longTurnMs: 0,
});
const program = (name: string): RuntimeSettings => ({
  type: "command",
  command: [name],
  input: "text",
  timeoutMs: 1000,
  memoryBytes: undefined,
});

function make(): { agents: Agents; made: Slow[] } {
  const made: Slow[] = [];
  const agents = new Agents(() => {
    const slow = new Slow();
    made.push(slow);
    return slow;
  });
  return { agents, made };
}

async function answerOf(agents: Agents): Promise<string> {
  let text = "";
  const runtime = agents.get(MAIN)?.runtime;
  for await (const event of runtime?.run({} as never, new AbortController().signal, silentHost) ?? [])
    if (event.kind === "text") text += event.text;
  return text;
}

test("a runtime that is replaced or removed while it answers ends its turn first", async () => {
  for (const next of [[agent(program("b"))], []]) {
    const { agents, made } = make();
    agents.apply([agent(program("a"))]);
    const answering = answerOf(agents);
    agents.apply(next);
    await Promise.resolve();
    expect(made[0]?.isClosed).toBe(false);
    made[0]?.answer.resolve();
    expect(await answering).toBe("done");
    await expect.poll(() => made[0]?.isClosed).toBe(true);
    expect(made).toHaveLength(1 + next.length);
  }
});

test("one that did not change stays, one that is idle is closed at once, and the end closes all", async () => {
  const { agents, made } = make();
  agents.apply([agent(program("a"))]);
  agents.apply([{ ...agent(program("a")), name: "other" }]);
  expect(made).toHaveLength(1);
  agents.apply([{ ...agent(program("a")), workspace: "/elsewhere" }]);
  agents.apply([agent(program("b"))]);
  await expect.poll(() => [made[0]?.isClosed, made[1]?.isClosed]).toEqual([true, true]);
  const answering = answerOf(agents);
  agents.apply([agent(program("c"))]);
  await agents.close();
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true, true, true]);
  expect(await answering).toBe("done");
});
