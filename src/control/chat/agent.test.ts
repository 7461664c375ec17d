import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChatWorld } from "../../../test/control/chat-world.ts";
import { ANNA } from "../../../test/contracts/store-world.ts";

let chat: ChatWorld;
beforeEach(async () => {
  chat = await ChatWorld.create(`{
    channels: { imessage: { allowFrom: ["${ANNA}"], accounts: { home: {} } } },
    agents: { list: [{ id: "main", default: true }, { id: "coder", name: "Coder" }] },
  }`);
});
afterEach(async () => chat.remove());

describe("/agent", () => {
  test("shows the agents and which answers here", async () => {
    expect(await chat.ask("/agent")).toMatch(
      /^Agent main answers here \(by the configuration\)\.\nKind: echo\n→ main\n• coder \(Coder\)/,
    );
  });

  test("pins one, in any case, and unpins", async () => {
    const run = async (text: string) => chat.operations.run(chat.command(text) as never);
    expect((await run("/agent Coder")).effect).toEqual({ kind: "pin", agentId: "coder" });
    expect((await run("/agent default")).effect).toEqual({ kind: "pin", agentId: undefined });
    const unknown = await run("/agent claude");
    expect(unknown.effect).toEqual({ kind: "none" });
    expect(unknown.reply({ stopped: undefined, dropped: 0 })).toContain("There is no agent");
    expect(unknown.reply({ stopped: undefined, dropped: 0 })).toContain("• coder (Coder)");
  });
});
