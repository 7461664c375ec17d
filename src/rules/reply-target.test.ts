import { expect, test } from "vitest";
import type { Handle } from "../model/handle.ts";
import { asId, type ChatGuid, type ChatId } from "../model/ids.ts";
import type { ChatRef } from "../model/message.ts";
import { composeReplyTarget } from "./reply-target.ts";

const ANNA = "+14155550001" as Handle;

function chat(names: { id?: number; guid?: string; identifier?: string }, isGroup: boolean): ChatRef {
  return {
    chatId: asId<ChatId>(names.id ?? 0),
    chatGuid: asId<ChatGuid>(names.guid ?? ""),
    chatIdentifier: names.identifier ?? "",
    chatName: "",
    participants: [ANNA],
    isGroup,
  };
}

test.each([true, false])("the surest name of the chat (group: %s)", (isGroup) => {
  const all = { id: 7, guid: "any;+;chat1", identifier: "chat1" };
  expect(composeReplyTarget(chat(all, isGroup), ANNA)).toEqual({ kind: "chat_id", chatId: 7 });
  expect(composeReplyTarget(chat({ ...all, id: 0 }, isGroup), ANNA)).toEqual({
    kind: "chat_guid",
    guid: "any;+;chat1",
  });
  expect(composeReplyTarget(chat({ identifier: "chat1" }, isGroup), ANNA)).toEqual({
    kind: "chat_identifier",
    identifier: "chat1",
  });
});

test("without a name: a direct chat's person, but nobody of a group", () => {
  expect(composeReplyTarget(chat({}, false), ANNA)).toEqual({
    kind: "handle",
    handle: ANNA,
    service: "auto",
  });
  expect(composeReplyTarget(chat({}, true), ANNA)).toBeUndefined();
});
