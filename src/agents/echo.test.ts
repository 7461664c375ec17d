import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { describeAgentContract, runTurn } from "../../test/contracts/agent.contract.ts";
import { createEchoRuntime } from "./echo.ts";

describeAgentContract("echo", () => ({ answering: createEchoRuntime, workspace: tmpdir }));

test("says what it was told, exactly", async () => {
  const events = await runTurn(createEchoRuntime(), { prompt: " a\n ", workspace: "/nowhere" });
  expect(events).toEqual([{ kind: "text", text: "You said:  a\n " }]);
});
