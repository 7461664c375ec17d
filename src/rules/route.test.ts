// Agents by binding, session keys by scope.
import { describe, expect, test } from "vitest";
import { parseHandle, type Handle } from "../model/handle.ts";
import { asId, type AccountId, type AgentId, type ChatGuid, type ChatId } from "../model/ids.ts";
import type { Binding, DmScope } from "../model/settings.ts";
import { decideRoute, type RoutePolicy } from "./route.ts";

const ANNA = parseHandle("+14155550001", "US") as Handle;
const CHAT = {
  chatId: asId<ChatId>(3),
  chatGuid: asId<ChatGuid>("iMessage;-;+14155550001"),
  chatIdentifier: "+14155550001",
  chatName: "",
  participants: [],
  isGroup: false,
};

function policy(over: Partial<RoutePolicy>): RoutePolicy {
  return {
    accountId: asId<AccountId>("work"),
    bindings: [],
    defaultAgentId: asId<AgentId>("main"),
    dmScope: "main",
    ...over,
  };
}

describe("session keys", () => {
  test.each<[DmScope, string]>([
    ["main", "agent:main:main"],
    ["per-peer", "agent:main:direct:+14155550001"],
    ["per-channel-peer", "agent:main:imessage:direct:+14155550001"],
    ["per-account-channel-peer", "agent:main:imessage:work:direct:+14155550001"],
  ])("%s", (dmScope, expected) => {
    expect(decideRoute(policy({ dmScope }), CHAT, ANNA).sessionKey).toBe(expected);
  });
});

describe("bindings", () => {
  const binding = (over: Partial<Binding>): Binding => ({
    agentId: asId<AgentId>("bound"),
    accountId: undefined,
    peer: undefined,
    ...over,
  });
  test.each<[string, Partial<Binding>, string]>([
    ["nothing given matches all", {}, "bound"],
    ["account", { accountId: asId<AccountId>("work") }, "bound"],
    ["another account", { accountId: asId<AccountId>("home") }, "main"],
    ["handle", { peer: { kind: "handle", handle: ANNA } }, "bound"],
    ["chat id", { peer: { kind: "chat_id", chatId: 3 } }, "bound"],
    ["another chat id", { peer: { kind: "chat_id", chatId: 4 } }, "main"],
    ["guid, another service", { peer: { kind: "chat_guid", guid: "any;-;+14155550001" } }, "bound"],
    [
      "account and handle must both match",
      { accountId: asId<AccountId>("home"), peer: { kind: "handle", handle: ANNA } },
      "main",
    ],
  ])("%s", (_, over, expected) => {
    expect(decideRoute(policy({ bindings: [binding(over)] }), CHAT, ANNA).agentId).toBe(expected);
  });
  test("the first that matches wins", () => {
    const bindings = [binding({ agentId: asId<AgentId>("one") }), binding({ agentId: asId<AgentId>("two") })];
    expect(decideRoute(policy({ bindings }), CHAT, ANNA).agentId).toBe("one");
  });
});
