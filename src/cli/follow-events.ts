// Following the running gateway's event stream, over its restarts: events only say that there is something new to read.
import { setTimeout as delay } from "node:timers/promises";
import { createParser } from "eventsource-parser";
import type { Topic } from "../control/status/topics.ts";
import { renderAddress } from "../control/gateway-address.ts";
import type { ControlPlace, ControlPlaces } from "../gateway/open-state.ts";
import { GatewayError } from "../model/errors.ts";
import { needGateway } from "./client.ts";

/** What is listened for. */
export interface Following {
  readonly topics: readonly Topic[];
  /** Something new may be there; true: look again soon. Called one at a time. */
  readonly onTold: () => Promise<boolean>;
  readonly note: (text: string) => void;
}

/** Finds the gateway as it is now. */
type Find = () => Promise<ControlPlaces>;

const RETRY_MS = 1000;
const AGAIN_MS = 200;

/** Listens until the process is ended. Rejects with `gateway/not-running` when there is no gateway at the beginning. */
export async function followEvents(find: Find, following: Following): Promise<never> {
  await needGateway(await find(), { method: "GET", path: "/api/session" });
  const reader = readInTurn(following.onTold);
  for (;;) {
    reader.tell();
    await listen(await placeOf(find), following.topics, reader.tell).catch(() => {});
    following.note("The gateway does not answer; waiting for it.");
    while (!(await isThere(find))) await delay(RETRY_MS);
  }
}

/** One look at a time; what is told during one is one more. */
function readInTurn(onTold: () => Promise<boolean>): { readonly tell: () => void } {
  let isReading = false;
  let isTold = false;
  const read = async (): Promise<void> => {
    isReading = true;
    do {
      isTold = false;
      if (await onTold()) {
        await delay(AGAIN_MS);
        isTold = true;
      }
    } while (isTold);
    isReading = false;
  };
  const tell = (): void => {
    isTold = true;
    if (isReading) return;
    read().catch((cause: unknown) => {
      process.nextTick(() => {
        throw cause;
      });
    });
  };
  return { tell };
}

async function listen(place: ControlPlace, topics: readonly Topic[], tell: () => void): Promise<void> {
  const response = await fetch(`http://${renderAddress(place)}/api/events`, {
    headers: place.token === undefined ? {} : { Authorization: `Bearer ${place.token}` },
  });
  if (!response.ok || response.body === null)
    throw new GatewayError("gateway/refused", `The event stream answered with ${response.status}.`, {
      hint: "Look at the gateway's log.",
    });
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const { topic } = JSON.parse(data) as { topic?: Topic };
      if (event === "hello" || (topic !== undefined && topics.includes(topic))) tell();
    },
  });
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) parser.feed(text);
}

async function isThere(find: Find): Promise<boolean> {
  try {
    const place = await placeOf(find);
    const response = await fetch(`http://${renderAddress(place)}/api/session`, {
      headers: place.token === undefined ? {} : { Authorization: `Bearer ${place.token}` },
      signal: AbortSignal.timeout(RETRY_MS),
    });
    return response.ok;
  } catch {
    return false;
  }
}

/** A gateway that was started again may listen elsewhere. */
async function placeOf(find: Find): Promise<ControlPlace> {
  return (await find()).configured();
}
