import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { describeAgentContract, makeRequest, runTurn } from "../../test/contracts/agent.contract.ts";
import { createEchoRuntime } from "./echo.ts";

describeAgentContract("echo", () => ({ answering: createEchoRuntime, workspace: tmpdir }));

test("says what it was told, exactly", async () => {
  const events = await runTurn(createEchoRuntime(), { prompt: " a\n ", workspace: "/nowhere" });
  expect(events).toEqual([{ kind: "text", text: "You said:  a\n " }]);
});

test("in a group: what was said, without the marks of the prompt", async () => {
  const runtime = createEchoRuntime();
  const request = makeRequest({ prompt: "hello", workspace: "/nowhere", systemPrompt: "Be brief." });
  const events = [];
  const marked = { ...request, prompt: "[Message from +15550100001]\n> hello" };
  for await (const event of runtime.run(marked, new AbortController().signal)) events.push(event);
  expect(events).toEqual([{ kind: "text", text: "You said: hello" }]);
});
