import { expect, test } from "vitest";
import { asId, type AccountId, type AgentId } from "../model/ids.ts";
import { account, allow, group, SEVEN } from "../../test/rules/admission-for-test.ts";
import { numberedChats } from "./numbered-chats.ts";

const to = (chat: string, accountId?: string) => ({
  agentId: asId<AgentId>("main"),
  accountId: accountId === undefined ? undefined : asId<AccountId>(accountId),
  peer: allow(chat)[0],
});

test("finds the numbers wherever they stand, and nothing else", () => {
  const settings = account({
    allowFrom: allow("*", "+14155550001", "chat_id:9"),
    groupAllowFrom: allow("chat_id:3", "chat_guid:iMessage;+;chat4"),
    groups: [group(SEVEN, { allowFrom: allow("chat_id:9") }), group("*")],
    allowTo: allow("chat_id:12"),
  });
  const bindings = [to("chat_id:20"), to("chat_id:21", "default"), to("chat_id:22", "other")];
  expect(numberedChats(settings, bindings)).toEqual([3, 7, 9, 12, 20, 21]);
  expect(numberedChats(account(), [])).toEqual([]);
});
