// The bridge methods that send: `send.rich` and `send.attachment`.

import { expandHome } from "../read/attachments.ts";
import type { MethodHandler } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { bridgeMethod, readPart, refused } from "./bridge-method.ts";
import type { BridgeCall } from "./bridge-method.ts";
import { deliver } from "./deliver.ts";
import type { Delivery, Outgoing } from "./deliver.ts";
import { expandEffect } from "./effects.ts";
import { REPLY_ALIASES } from "./params.ts";
import type { Params } from "./params.ts";

const REPLY_KEYS = ["reply_to", ...REPLY_ALIASES, "part_index", "partIndex"];
const URL_BALLOON = "com.apple.messages.URLBalloonProvider";

/** The methods by name. */
export const richMethods: Readonly<Record<string, MethodHandler>> = {
  "send.rich": bridgeMethod({
    name: "send.rich",
    action: "send-message",
    keys: [
      ...REPLY_KEYS,
      "text",
      "message",
      "file",
      "path",
      "url",
      "dd_scan",
      "ddScan",
      "effect_id",
      "effectId",
      "effect",
      "subject",
      "text_formatting",
      "textFormatting",
    ],
    read: readRich,
    act(call) {
      const { text, file, url, replyTo, part, effect, subject, scan } = call.request;
      if (text === "" && file === "" && url === undefined) {
        throw refused(call.context, "send-message", "Message has no content");
      }
      return sendRow(call, {
        text: url ?? text,
        file,
        replyTo,
        columns: {
          expressive_send_style_id: effect ?? null,
          subject: subject ?? null,
          was_data_detected: scan ? 1 : 0,
          balloon_bundle_id: url === undefined ? null : URL_BALLOON,
          ...partColumn(replyTo, part, text),
        },
      });
    },
  }),

  "send.attachment": bridgeMethod({
    name: "send.attachment",
    action: "send-attachment",
    keys: [...REPLY_KEYS, "file", "path", "audio", "is_audio", "as_voice"],
    read(params, { dialect }) {
      const file = params.string("file", ["path"]) ?? "";
      if (file === "") throw invalidParams("file is required");
      const audio = params.boolean("audio", ["is_audio", "as_voice"]) ?? false;
      const reply = readReply(params);
      const isPartNamed = params.has("part_index") || params.has("partIndex");
      if (dialect === "v1" && isPartNamed && reply.replyTo === undefined) {
        throw invalidParams("part_index requires reply_to");
      }
      return { file: expandHome(file), audio, ...reply };
    },
    act(call) {
      const { file, audio, replyTo, part } = call.request;
      const columns = { is_audio_message: audio ? 1 : 0, ...partColumn(replyTo, part, "") };
      return sendRow(call, { text: "", file, replyTo, columns });
    },
  }),
};

function readRich(params: Params) {
  const url = params.string("url");
  const extras = [
    "text",
    "message",
    "dd_scan",
    "effect_id",
    "effect",
    "subject",
    "text_formatting",
    "file",
    "path",
  ];
  const extra = url === undefined ? undefined : [...extras, ...REPLY_KEYS].find((key) => params.has(key));
  if (extra !== undefined) throw invalidParams(`${extra} is not supported with url`);
  const isFileGiven = params.has("file") || params.has("path");
  const file = params.string("file", ["path"]) ?? "";
  if (isFileGiven && file === "") throw invalidParams("file must be a non-empty string");
  const effect = params.string("effect_id", ["effectId", "effect"]) || undefined;
  return {
    text: params.string("text", ["message"]) ?? "",
    file: expandHome(file),
    url,
    effect: effect === undefined ? undefined : expandEffect(effect),
    subject: params.string("subject") || undefined,
    scan: params.boolean("dd_scan", ["ddScan"]) ?? true,
    formatting: params.objects("text_formatting", ["textFormatting"]),
    ...readReply(params),
  };
}

function readReply(params: Params): { replyTo: string | undefined; part: number } {
  return { replyTo: params.string("reply_to", REPLY_ALIASES) || undefined, part: readPart(params) };
}

function partColumn(replyTo: string | undefined, part: number, text: string): Record<string, string> {
  return replyTo === undefined ? {} : { thread_originator_part: `${part}:0:${text.length}` };
}

/** Sends through the bridge. The result names what was sent, unless Messages does not yet know. */
export function sendRow<Request>(
  call: BridgeCall<Request>,
  message: Omit<Outgoing, "method" | "transport">,
): Promise<object | undefined> | object | undefined {
  const { context, chat, method } = call;
  const answer = ({ silent, row }: Delivery): Promise<never> | object | undefined => {
    if (silent) return new Promise<never>(() => {});
    if (row === undefined) return undefined;
    return { guid: row.guid, message_id: row.guid, chat_guid: chat.guid };
  };
  const delivery = deliver(context, { ...message, method, transport: "bridge" }, () => chat);
  return delivery instanceof Promise ? delivery.then(answer) : answer(delivery);
}
