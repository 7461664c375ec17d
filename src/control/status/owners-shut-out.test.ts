import { expect, test } from "vitest";
import { account, settings } from "../../../test/control/running-world.ts";
import { ANNA, BERT, HOME, WORK } from "../../../test/contracts/store-world.ts";
import type { AccountSettings, GroupSettings } from "../../model/settings.ts";
import { gatewayWarnings } from "./warnings.ts";

const anna = { kind: "handle", handle: ANNA } as const;
const family: GroupSettings = {
  key: { kind: "chat_id", chatId: 7 },
  enabled: true,
  requireMention: true,
  allowFrom: [anna],
  agentId: undefined,
  systemPrompt: "",
  historyLimit: 50,
};

const told = (changes: Partial<AccountSettings>, paired: readonly (typeof HOME)[] = []): string[] => {
  const home = account(HOME, { owners: [ANNA], groupPolicy: "disabled", ...changes });
  const grants = paired.map((accountId) => ({ handle: ANNA, accountId, approvedAtMs: 1 }));
  return gatewayWarnings(settings([home], { dmScope: "per-peer" }), grants as never).map(
    ({ message }) => message,
  );
};

test.each<[string, Partial<AccountSettings>, readonly (typeof HOME)[], boolean]>([
  ["listed", { allowFrom: [anna] }, [], true],
  ["listed by a chat, which may be hers", { allowFrom: [{ kind: "chat_id", chatId: 3 }] }, [], true],
  ["open", { dmPolicy: "open" }, [], true],
  ["nobody is listed", {}, [], false],
  ["somebody else is listed", { allowFrom: [{ ...anna, handle: BERT }], dmPolicy: "allowlist" }, [], false],
  ["approved", {}, [HOME], true],
  ["approved on another account", {}, [WORK], false],
  ["approved, which does not count here", { dmPolicy: "allowlist" }, [HOME], false],
  ["heard in groups", { groupPolicy: "allowlist", groupAllowFrom: [anna] }, [], true],
  ["heard in one group", { groupPolicy: "allowlist", groups: [family] }, [], true],
  ["groups are open", { groupPolicy: "open" }, [], true],
])(
  "an owner who is let in nowhere is a stranger, and the status says so: %s",
  (_name, changes, paired, isIn) => {
    expect(told(changes, paired)).toEqual(
      isIn ? [] : [`Owner ${ANNA} is let in by no account: what they write is a stranger's`],
    );
  },
);
