import { expect, test } from "vitest";
import { account, settings } from "../../../test/control/running-world.ts";
import { ANNA, BERT, HOME } from "../../../test/contracts/store-world.ts";
import { asId, type AgentId } from "../../model/ids.ts";
import type { AccountSettings, AgentSettings, GroupSettings, Permissions } from "../../model/settings.ts";
import { gatewayWarnings } from "../status/warnings.ts";

const handles = (...list: (typeof ANNA)[]) => list.map((handle) => ({ kind: "handle", handle }) as const);
const group: GroupSettings = {
  key: { kind: "chat_id", chatId: 7 },
  enabled: true,
  requireMention: false,
  allowFrom: undefined,
  agentId: undefined,
  systemPrompt: "",
  historyLimit: 50,
};

function agent(permissions: Permissions): AgentSettings {
  return {
    id: asId<AgentId>("main"),
    name: "main",
    workspace: "/nowhere",
    mentionPatterns: [],
    streaming: "off",
    longTurnMs: 0,
    runtime: {
      type: "acp",
      command: ["agent"],
      env: {},
      permissions,
      mode: undefined,
      model: undefined,
      timeoutMs: 1,
      memoryBytes: undefined,
    },
  };
}

function told(changes: Partial<AccountSettings>, permissions: Permissions = "allow"): readonly string[] {
  const home = account(HOME, { groupPolicy: "disabled", ...changes });
  const config = settings([home], { agents: [agent(permissions)], dmScope: "per-peer" });
  return gatewayWarnings(config, []).map(({ message }) => message);
}

test.each<[string, Partial<AccountSettings>, boolean]>([
  ["one person", { allowFrom: handles(ANNA) }, false],
  ["two people", { allowFrom: handles(ANNA, BERT) }, true],
  ["anyone", { dmPolicy: "open", allowFrom: [{ kind: "any" }] }, true],
  [
    "one directly, another in groups",
    { allowFrom: handles(ANNA), groupPolicy: "allowlist", groupAllowFrom: handles(BERT) },
    true,
  ],
  [
    "the same one in groups",
    { allowFrom: handles(ANNA), groupPolicy: "allowlist", groupAllowFrom: handles(ANNA) },
    false,
  ],
  ["open groups", { groupPolicy: "open" }, true],
  ["open groups that are off", { groupPolicy: "open", groups: [{ ...group, enabled: false }] }, false],
  ["a group of one", { groupPolicy: "open", groups: [{ ...group, allowFrom: handles(ANNA) }] }, false],
  [
    "a group that lets in a chat",
    {
      groupPolicy: "allowlist",
      groups: [{ ...group, allowFrom: [{ kind: "chat_id", chatId: 7 }] }],
    },
    true,
  ],
  [
    "a group that another agent answers",
    { groupPolicy: "open", groups: [{ ...group, agentId: "other" as never }] },
    false,
  ],
])("an agent that is allowed everything, reached by %s", (_name, changes, isTold) => {
  expect(told(changes)).toEqual(
    isTold
      ? [
          'More than one person can reach agent main, and nobody is asked before it acts: its permissions are "allow"',
        ]
      : [],
  );
});

test.each<Permissions>(["ask", "deny"])("permissions %s are no surprise", (permissions) => {
  const owned = { owners: [ANNA], notified: [ANNA] };
  expect(told({ allowFrom: handles(ANNA, BERT), ...owned }, permissions)).toEqual([]);
});

const DENIED = `Agent main asks before it acts, and account ${HOME} has no owner to ask, so it is always denied`;

test.each<[string, Partial<AccountSettings>, Permissions, boolean]>([
  ["nobody owns", { allowFrom: handles(ANNA) }, "ask", true],
  ["nobody owns, in groups alone", { groupPolicy: "open" }, "ask", true],
  ["nobody owns, and nobody can reach", {}, "ask", false],
  [
    "an owner can be asked about",
    { allowFrom: handles(ANNA), owners: [ANNA], notified: [ANNA] },
    "ask",
    false,
  ],
  [
    "an owner cannot be written to about",
    { allowFrom: handles(ANNA), owners: [ANNA], notified: [] },
    "ask",
    true,
  ],
  ["may do nothing anyway", { allowFrom: handles(ANNA) }, "deny", false],
])("an agent that asks, which %s", (_name, changes, permissions, isTold) => {
  expect(told(changes, permissions)).toEqual(isTold ? [DENIED] : []);
});
