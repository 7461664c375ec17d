// Agents by binding, session keys by scope.
import { describe, expect, test } from "vitest";
import { parseHandle, type Handle } from "../model/handle.ts";
import { asId, type AccountId, type AgentId, type ChatGuid, type ChatId } from "../model/ids.ts";
import type { Binding, DmScope, GroupSettings, IdentityLink } from "../model/settings.ts";
import type { Group } from "./group.ts";
import { decideMessageRoute, decideRoute, type RoutedMessage, type RoutePolicy } from "./route.ts";

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
    agents: ["main", "bound", "family"].map((id) => ({ id: asId<AgentId>(id) })),
    dmScope: "main",
    identityLinks: [],
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

describe("identity links", () => {
  const handle = (text: string): Handle => parseHandle(text, "US") as Handle;
  const links: IdentityLink[] = [
    { name: "anna", handles: [ANNA, handle("anna@example.com")] },
    { name: "ben", handles: [handle("+14155550002")] },
  ];
  const keyOf = (text: string, identityLinks = links): string =>
    decideRoute(policy({ dmScope: "per-peer", identityLinks }), CHAT, handle(text)).sessionKey;

  test("handles of one person share a key; others keep their own", () => {
    expect(keyOf("+14155550001")).toBe("agent:main:direct:anna");
    expect(keyOf("Anna@example.com")).toBe("agent:main:direct:anna");
    expect(keyOf("+14155550002")).toBe("agent:main:direct:ben");
    expect(keyOf("+14155550003")).toBe("agent:main:direct:+14155550003");
  });
  test("a sender that calls itself what a link is called is not taken for that person", () => {
    expect(keyOf("ANNA")).toBe("agent:main:direct:handle:anna");
    expect(keyOf("handle:anna")).toBe("agent:main:direct:handle:handle:anna");
    expect(keyOf("ANNA", [])).toBe("agent:main:direct:anna");
  });
});

describe("groups", () => {
  const group = (agentId?: string): Group => ({
    exactKey: "3",
    settings:
      agentId === undefined
        ? undefined
        : ({ agentId: asId<AgentId>(agentId) } satisfies Partial<GroupSettings> as GroupSettings),
    allowFrom: [],
    requireMention: true,
  });
  const route = (over: Partial<RoutedMessage>, bindings: readonly Binding[] = []) =>
    decideMessageRoute(policy({ bindings, dmScope: "per-peer" }), {
      chat: { ...CHAT, isGroup: true },
      handle: ANNA,
      group: group(),
      groupName: "3",
      pinnedAgent: undefined,
      ...over,
    });
  const bound = (peer: Binding["peer"]): Binding[] => [
    { agentId: asId<AgentId>("bound"), accountId: undefined, peer },
  ];

  test("a session of its own, by the name that is kept", () => {
    expect(route({}).sessionKey).toBe("agent:main:imessage:group:3");
    expect(route({ groupName: "7@work" }).sessionKey).toBe("agent:main:imessage:group:7@work");
  });
  test("pinned over the group's own over bindings over the default", () => {
    const pinnedAgent = asId<AgentId>("family");
    const chat: Binding["peer"] = { kind: "chat_id", chatId: 3 };
    expect(route({ pinnedAgent, group: group("bound") }, bound(chat)).agentId).toBe("family");
    expect(route({ group: group("family") }, bound(chat)).agentId).toBe("family");
    expect(route({}, bound(chat)).agentId).toBe("bound");
    expect(route({}).agentId).toBe("main");
  });
  test("a pin on an agent that is gone does not count", () => {
    expect(route({ pinnedAgent: asId<AgentId>("gone") }).agentId).toBe("main");
  });
  test("a pin counts in a direct chat, too", () => {
    const pinnedAgent = asId<AgentId>("family");
    expect(route({ pinnedAgent, group: undefined }).sessionKey).toBe("agent:family:direct:+14155550001");
  });
  test("who speaks does not change who answers", () => {
    expect(route({}, bound({ kind: "handle", handle: ANNA })).agentId).toBe("main");
  });
});
