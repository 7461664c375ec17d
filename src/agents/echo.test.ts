import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import {
  describeAgentContract,
  makeRequest,
  runTurn,
  silentHost,
} from "../../test/contracts/agent.contract.ts";
import type { TakenFile } from "../model/media.ts";
import { asId, type EntryId } from "../model/ids.ts";
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
  for await (const event of runtime.run(marked, new AbortController().signal, silentHost)) events.push(event);
  expect(events).toEqual([{ kind: "text", text: "You said: hello" }]);
});

test("files alone are named, without the gateway's own paths and reasons", async () => {
  const files: readonly TakenFile[] = [
    { kind: "file", path: "/state/media/x.png", name: "a.png", mimeType: "image/png", bytes: 5, note: "" },
    { kind: "missing", name: "b.mov", because: "mac.local does not answer" },
  ];
  const events = await runTurn(createEchoRuntime(), {
    prompt: "",
    workspace: "/nowhere",
    files: new Map([[asId<EntryId>(7), files]]),
  });
  const said = "[a file: a.png, image/png, 5 bytes]\n[a file that did not arrive: b.mov]";
  expect(events).toEqual([{ kind: "text", text: `You said: ${said}` }]);
});
