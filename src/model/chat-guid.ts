// Chat guids compared as people mean them: the service part says how a message travelled, not who is talking.

/**
 * The part of a guid that names the chat: `iMessage;-;X`, `SMS;-;X` and `any;-;X` (macOS 26) give the same `-;X`.
 * Text that is no guid is given back as it is.
 */
export function chatGuidKey(guid: string): string {
  const match = /^[^;]*;([-+]);(.*)$/su.exec(guid);
  return match ? `${match[1]};${match[2]}` : guid;
}

/** True when both guids name the same chat. */
export function sameChatGuid(one: string, other: string): boolean {
  return chatGuidKey(one) === chatGuidKey(other);
}
