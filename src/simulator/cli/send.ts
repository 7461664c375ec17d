// `imsg send`: one message, by the same hands as the RPC method.

import { ArgumentError } from "../arguments.ts";
import { openEventLog } from "../event-log.ts";
import { loadFaults } from "../faults/load.ts";
import { JsonNumber } from "../rpc/json.ts";
import { openWritable } from "../rpc/database.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

const TEXTS: Readonly<Record<string, string>> = {
  "--to": "to",
  "--chat-identifier": "chat_identifier",
  "--chat-guid": "chat_guid",
  "--text": "text",
  "--file": "file",
  "--service": "service",
  "--region": "region",
};

/** Sends and says so. */
export const send: CommandRun = async (values, setting) => {
  const params: Record<string, unknown> = {};
  for (const [option, key] of Object.entries(TEXTS)) {
    const value = values.option(option);
    if (value !== undefined) params[key] = value;
  }
  const chatId = values.integer("--chat-id");
  if (chatId !== undefined) params["chat_id"] = new JsonNumber(String(chatId));
  if (params["text"] === undefined && params["file"] === undefined) {
    throw new ArgumentError("Missing required option: --text or file");
  }
  const { sendMethods } = await import("../send/methods.ts");
  const handler = sendMethods["send"];
  if (handler === undefined) throw new Error("the stand-in cannot send");
  const writable = openWritable(setting.dbPath);
  const events = openEventLog(setting.eventsPath);
  const faults = await loadFaults(setting.faultsPath, { dbPath: setting.dbPath, log: events.write });
  await faults.onStart((line) => print(line.toString()));
  const waiting = setInterval(() => {}, 60_000); // a send that is never answered keeps the process, as it keeps imsg
  let sent: Record<string, unknown>;
  try {
    await faults.onRequest("send");
    sent = (await handler(params, {
      get db() {
        return writable();
      },
      dbPath: setting.dbPath,
      dialect: setting.dialect,
      release: setting.release,
      confirmMs: setting.confirmMs,
      get bridge() {
        return setting.bridge && !faults.bridgeGone();
      },
      linux: setting.linux,
      faults,
      notify: () => {},
      log: events.write,
    })) as Record<string, unknown>;
  } finally {
    clearInterval(waiting);
  }
  const { id, guid, message_id } = setting.dialect === "v1" ? sent : {};
  print(values.flag("--json") ? JSON.stringify({ status: "sent", id, guid, message_id }) : "sent");
  return 0;
};
