// Which targets `allowTo` covers, by every form of entry, target and known chat.
import { expect, test } from "vitest";
import type { KnownChat } from "../model/delivery.ts";
import { parseHandle } from "../model/handle.ts";
import { parseAllowEntry, parseTarget } from "../model/target.ts";
import { maySend } from "./may-send.ts";

const ANNA = "+14155550001";
const DIRECT: KnownChat = {
  chatId: 3,
  chatGuid: `iMessage;-;${ANNA}`,
  chatIdentifier: ANNA,
  isGroup: false,
  peer: parseHandle(ANNA, "US"),
};
const GROUP: KnownChat = {
  chatId: 7,
  chatGuid: "iMessage;+;chat7",
  chatIdentifier: "chat7",
  isGroup: true,
  peer: undefined,
};

function allowed(entries: readonly string[], target: string, chat?: KnownChat): boolean {
  const allowTo = entries.map((text) => {
    const entry = parseAllowEntry(text, "US");
    if (!entry.ok) throw new Error(entry.reason);
    return entry.value;
  });
  const parsed = parseTarget(target, "US", "auto");
  if (!parsed.ok) throw new Error(parsed.reason);
  return maySend(allowTo, parsed.value, chat);
}

test.each<[string[], string, KnownChat | undefined, boolean]>([
  [[], ANNA, undefined, false],
  [["*"], ANNA, undefined, true],
  [["*"], "chat_id:7", GROUP, true],
  [[ANNA], ANNA, undefined, true],
  [[ANNA], `sms:${ANNA}`, undefined, true],
  [["sms:(415) 555-0001"], `imessage:${ANNA}`, undefined, true],
  [[ANNA], "+14155550002", undefined, false],
  [[ANNA], "chat_id:3", DIRECT, true],
  [[ANNA], `chat_guid:any;-;${ANNA}`, DIRECT, true],
  [[ANNA], "chat_id:3", undefined, false],
  [[ANNA], "chat_id:7", GROUP, false],
  [[ANNA], "chat_id:7", { ...GROUP, isGroup: false }, false],
  [[ANNA], "chat_id:7", { ...GROUP, peer: DIRECT.peer }, false],
  [["chat_id:7"], "chat_id:7", undefined, true],
  [["chat_id:7"], "chat_id:77", undefined, false],
  [["chat_id:3"], ANNA, DIRECT, true],
  [["chat_id:3"], ANNA, undefined, false],
  [["chat_guid:any;+;chat7"], "chat_guid:iMessage;+;chat7", undefined, true],
  [["chat_guid:any;+;chat7"], "chat_guid:iMessage;-;chat7", undefined, false],
  [["chat_guid:any;+;chat7"], "chat_id:7", GROUP, true],
  [["chat_identifier:chat7"], "chat_identifier:chat7", undefined, true],
  [["chat_identifier:chat7"], "chat_identifier:CHAT7", undefined, false],
  [["chat_identifier:chat7"], "chat_id:7", GROUP, true],
  [[ANNA, "chat_id:9"], "chat_id:9", undefined, true],
])("%j, to %s of %o: %s", (entries, target, chat, expected) => {
  expect(allowed(entries, target, chat)).toBe(expected);
});

test("without a list anything goes", () => {
  expect(maySend(undefined, { kind: "chat_id", chatId: 1 }, undefined)).toBe(true);
});
