// The bridge methods that send something special: several texts as one message, and stickers.

import { statSync } from "node:fs";
import { extname } from "node:path";
import { expandHome } from "../read/attachments.ts";
import type { MethodHandler } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { newGuid } from "../write.ts";
import { bridgeMethod } from "./bridge-method.ts";
import type { BridgeCall } from "./bridge-method.ts";
import { expandEffect } from "./effects.ts";
import type { Params } from "./params.ts";
import { sendRow } from "./rich-methods.ts";

const MOST_PARTS = 20;
const STICKER_KINDS = new Set([".png", ".apng", ".gif", ".jpg", ".jpeg"]);
const MOST_STICKER_BYTES = 500 * 1024;
/** The type of a row that was put on a bubble. */
const PUT_ON = 1000;

/** The methods by name. */
export const partMethods: Readonly<Record<string, MethodHandler>> = {
  "send.multipart": bridgeMethod({
    name: "send.multipart",
    action: "send-multipart",
    keys: ["parts", "effect_id", "effectId", "effect", "subject"],
    read: readParts,
    async act(call) {
      const { texts, effect, subject } = call.request;
      const columns = {
        part_count: texts.length,
        expressive_send_style_id: effect ?? null,
        subject: subject ?? null,
      };
      const sent = await sendRow(call, { text: texts.join(""), file: "", columns });
      return { ...sent, parts_count: texts.length };
    },
  }),

  "send.sticker": bridgeMethod({
    name: "send.sticker",
    action: "send-sticker",
    keys: ["file", "attach_to", "part_index"],
    read: readSticker,
    act: sendSticker,
  }),
};

function readParts(params: Params) {
  const parts = params.objects("parts");
  if (parts === undefined) throw invalidParams("parts is required");
  if (parts.length === 0 || parts.length > MOST_PARTS) {
    throw invalidParams("parts must contain between 1 and 20 text parts");
  }
  const texts = parts.map((part, index) => {
    const refused = Object.keys(part)
      .toSorted()
      .find((key) => ["file", "attachment", "mention", "mentions"].includes(key));
    if (refused !== undefined) throw invalidParams(`${refused} parts are not supported`);
    const { text } = part;
    if (typeof text !== "string" || text === "") {
      throw invalidParams(`parts[${index}].text must be a non-empty string`);
    }
    return text;
  });
  const effect = params.string("effect_id", ["effectId", "effect"]) || undefined;
  return {
    texts,
    effect: effect === undefined ? undefined : expandEffect(effect),
    subject: params.string("subject") || undefined,
  };
}

interface StickerRequest {
  readonly file: string;
  readonly target: { readonly guid: string; readonly part: number } | undefined;
}

function readSticker(params: Params): StickerRequest {
  const file = params.string("file") ?? "";
  if (file === "") throw invalidParams("file is required");
  return {
    file: expandHome(file),
    target: stickerTarget(params.string("attach_to"), params.integer("part_index")),
  };
}

/** `GUID` or `p:N/GUID`; a part named besides must be the same. */
function stickerTarget(given: string | undefined, part: number | undefined): StickerRequest["target"] {
  if (part !== undefined && part < 0) {
    throw invalidParams(`target part must be non-negative (received ${part})`);
  }
  if (given === undefined) {
    if (part !== undefined) throw invalidParams("target part requires --attach-to / attach_to");
    return undefined;
  }
  const [, embedded, guid] = /^(?:p:(\d+)\/)?\s*([^/\s]+)$/u.exec(given.trim()) ?? [];
  if (guid === undefined) throw invalidParams(`malformed sticker target: ${given}`);
  if (embedded !== undefined && part !== undefined && Number(embedded) !== part) {
    throw invalidParams(`target part ${part} conflicts with embedded part ${embedded}`);
  }
  return { guid, part: part ?? Number(embedded ?? 0) };
}

async function sendSticker(call: BridgeCall<StickerRequest>): Promise<object> {
  const { writer, chat, request } = call;
  const { file, target } = request;
  if (chat.service !== "iMessage") throw invalidParams("stickers require an iMessage chat");
  if (target !== undefined) {
    const sql = `SELECT 1 FROM message m JOIN chat_message_join cmj ON cmj.message_id = m.ROWID
      WHERE m.guid = ? COLLATE NOCASE AND cmj.chat_id = ?`;
    if (writer.first(sql, target.guid, chat.id) === undefined) {
      throw invalidParams("sticker target does not belong to the selected chat");
    }
  }
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw invalidParams(`sticker file not found: ${file}`);
  if (!STICKER_KINDS.has(extname(file).toLowerCase())) {
    throw invalidParams("stickers must be PNG, APNG, GIF, or JPEG images");
  }
  if (found.size > MOST_STICKER_BYTES) throw invalidParams("stickers must be at most 500 KiB");
  const columns =
    target === undefined
      ? {}
      : { associated_message_type: PUT_ON, associated_message_guid: `p:${target.part}/${target.guid}` };
  const sent = await sendRow(call, { text: "", file, columns, isSticker: true });
  return { ...sent, transfer_guid: newGuid() };
}
