// Messages as lines for people.

import type { AttachmentPayload } from "../read/attachments.ts";
import type { MessagePayload } from "../read/payload.ts";

/** A message, read with its attachments, as imsg shows it; the files' names only when wanted. */
export function messageLines(message: MessagePayload, nameAttachments: boolean): string[] {
  const head = `${message.created_at} [${message.is_from_me ? "sent" : "recv"}] ${message.sender}`;
  if (message.reaction_emoji !== undefined) {
    const action = message.is_reaction_add === true ? "added" : "removed";
    return [
      `${head} ${action} ${message.reaction_emoji} reaction to ${message.reacted_to_guid ?? "unknown"}`,
    ];
  }
  return [`${head}: ${message.text}`, ...attachmentLines(message.attachments, nameAttachments)];
}

function attachmentLines(attachments: readonly AttachmentPayload[], named: boolean): string[] {
  if (attachments.length === 0) return [];
  if (!named) return [`  (${attachments.length} attachment${attachments.length === 1 ? "" : "s"})`];
  return attachments.map((attachment) => {
    const { transfer_name, filename, mime_type, missing, original_path } = attachment;
    const name = transfer_name || filename || "(unknown)";
    return `  attachment: name=${name} mime=${mime_type} missing=${missing} path=${original_path}`;
  });
}
