// Reads what `send` and `send.tracked` are asked for.

import type { RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { expandHome } from "../read/attachments.ts";
import { CHAT_KEYS, REPLY_ALIASES, readParams } from "./params.ts";
import { readTarget } from "./target.ts";
import type { Target } from "./target.ts";

const KEYS = [
  ...CHAT_KEYS,
  "reply_to",
  ...REPLY_ALIASES,
  "to",
  "text",
  "file",
  "text_formatting",
  "textFormatting",
  "formatting",
  "service",
  "transport",
  "region",
  "allow_sms_fallback",
  "allowSMSFallback",
  "attempt_id",
];
const SERVICES = ["auto", "imessage", "sms"] as const;
const TRANSPORTS = ["auto", "bridge", "applescript"] as const;

/** A `send` as it was asked for. */
export interface SendRequest {
  readonly target: Target;
  readonly text: string;
  readonly file: string;
  readonly service: (typeof SERVICES)[number];
  readonly transport: (typeof TRANSPORTS)[number];
  readonly region: string;
  readonly replyTo: string | undefined;
  readonly attemptId: string | undefined;
  /** Parts of the text in bold and the like. */
  readonly formatting: readonly object[] | undefined;
}

/** Reads the parameters. Contract: throws invalid params. */
export function readSendRequest(values: unknown, context: RpcContext, isTracked: boolean): SendRequest {
  const params = readParams(values, context, isTracked ? "send.tracked" : "send", KEYS);
  const text = params.string("text") ?? "";
  const file = params.string("file") ?? "";
  const isPlain = context.dialect === "legacy"; // threads and formats by `send.rich` alone
  const attemptId = isPlain ? undefined : readAttemptId(params.string("attempt_id"), isTracked);
  const formatting = isPlain
    ? undefined
    : params.objects("text_formatting", ["textFormatting", "formatting"]);
  const service = SERVICES.find((one) => one === (params.string("service") ?? "auto"));
  if (service === undefined) throw invalidParams("invalid service");
  const asked = (params.string("transport") ?? "auto").toLowerCase();
  const transport = TRANSPORTS.find((one) => one === asked);
  if (transport === undefined) throw invalidParams("invalid transport");
  const region = params.string("region") ?? "US";
  const replyTo = isPlain ? undefined : params.string("reply_to", REPLY_ALIASES) || undefined;
  const target = readTarget(params, context, "to is required for direct sends");
  if (text === "" && file === "") throw invalidParams("text or file is required");
  if (isTracked && (text === "" || file !== "")) {
    throw invalidParams("send.tracked supports exactly one text message");
  }
  if (isTracked && transport === "applescript") throw invalidParams("send.tracked requires bridge transport");
  return { target, text, file: expandHome(file), service, transport, region, replyTo, attemptId, formatting };
}

function readAttemptId(value: string | undefined, isTracked: boolean): string | undefined {
  if (!isTracked) {
    if (value !== undefined) throw invalidParams("attempt_id is only supported by send.tracked");
    return undefined;
  }
  if (value === undefined || !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu.test(value)) {
    throw invalidParams("attempt_id must be a UUID");
  }
  return value.toLowerCase();
}
