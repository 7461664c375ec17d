// A chat as a person names it on the command line: every form of an allow entry, the bare number and the bare guid too.
import { GatewayError } from "../../model/errors.ts";
import { describeWrong, parseAllowEntry, type ChatEntry } from "../../model/target.ts";

/** Reads `42`, `chat_id:42`, `chat_guid:…`, `chat_identifier:…` or a guid as Messages writes it. Throws `send/bad-target`. */
export function readChatEntry(text: string): ChatEntry {
  const named = text.trim();
  if (/^\d+$/.test(named)) return readChatEntry(`chat_id:${named}`);
  if (/^[a-z]+;[-+];/i.test(named)) return { kind: "chat_guid", guid: named };
  const parsed = parseAllowEntry(named, "US");
  if (parsed.ok && parsed.value.kind !== "handle" && parsed.value.kind !== "any") return parsed.value;
  const reason = parsed.ok ? "is no chat" : parsed.reason;
  throw new GatewayError("send/bad-target", describeWrong("Chat", text, reason), {
    hint: "Give chat_id:N, chat_guid:G or chat_identifier:I; see `coderclaw chats`.",
  });
}
