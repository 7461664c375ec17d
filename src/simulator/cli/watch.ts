// `imsg watch`: new messages as they come, until it is ended.

import { ArgumentError } from "../arguments.ts";
import type { Values } from "../arguments.ts";
import { ChangeSignal } from "../read/change-signal.ts";
import { freshChats } from "../read/chats.ts";
import type { MessagePayload } from "../read/payload.ts";
import { MessageStore } from "../read/store.ts";
import { BalloonMemory } from "../read/url-balloon.ts";
import { NO_FAULTS } from "../rpc/faults-port.ts";
import { buildFilter } from "../rpc/reading.ts";
import { Subscription } from "../rpc/subscription.ts";
import type { WatchOutput } from "../rpc/subscription.ts";
import { V1_JOIN_LOOKS } from "../rpc/subscriptions.ts";
import { messageLines } from "./message-lines.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Prints messages. Settles with 1 when the database fails. */
export const watch: CommandRun = (values, setting) => {
  if (values.flag("--bb-events")) throw new ArgumentError("imsg-sim does not play --bb-events");
  const debounceMs = parseDuration(values.option("--debounce") ?? "250ms");
  if (debounceMs === undefined) throw new ArgumentError("Invalid value for option: --debounce");
  const span = { start: values.option("--start"), end: values.option("--end") };
  const filter = buildFilter(values.list("--participants"), span, (text) => new ArgumentError(text));
  const store = MessageStore.open(setting.dbPath, setting.release);
  const legacy = setting.dialect === "legacy";

  return new Promise((resolve) => {
    const subscription = new Subscription(
      1,
      {
        chatId: values.integer("--chat-id"),
        sinceRowId: values.integer("--since-rowid") ?? 0,
        filter,
        attachments: !values.flag("--json") || values.flag("--attachments"),
        convert: values.flag("--convert-attachments"),
        includeReactions: values.flag("--reactions"),
        debounceMs,
      },
      {
        store,
        chats: freshChats(store),
        balloons: new BalloonMemory(),
        output: printer(values, () => resolve(1)),
        faults: NO_FAULTS,
        log: () => {}, // the event log is of rpc and send
        signal: setting.linux ? undefined : new ChangeSignal(setting.dbPath),
        manner: {
          pollMs: setting.pollMs,
          firstPollMs: 0,
          readOn: setting.release.readsWhole,
          joinLooks: legacy ? 0 : V1_JOIN_LOOKS,
          bufferLimit: Infinity,
        },
        onEnd: () => {},
      },
    );
    subscription.fixCursor();
    subscription.start();
  });
};

/** A duration as imsg reads it: a number with ms, s, m or h; seconds without. In milliseconds. */
function parseDuration(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/u.exec(text.trim());
  const unit = UNITS[found?.[2] ?? "s"];
  return found === null || unit === undefined ? undefined : Number(found[1]) * unit;
}

function printer(values: Values, onFailure: () => void): WatchOutput {
  return {
    notify(method, params) {
      if (method === "message") {
        const { message } = params as { message: MessagePayload };
        const named = values.flag("--attachments");
        const lines = values.flag("--json") ? [JSON.stringify(message)] : messageLines(message, named);
        for (const line of lines) print(line);
      } else {
        print((params as { error: { message: string } }).error.message);
        onFailure();
      }
    },
    whenDrained: (listener) => setImmediate(listener),
  };
}
