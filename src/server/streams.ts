// Event streams: what the gateway does, as Server-Sent Events. Bounded in number and in what waits for a slow reader.
import type { GatewayEvent, RunningGateway } from "../control/status/running.ts";
import { topicOf } from "../control/status/topics.ts";
import { GatewayError } from "../model/errors.ts";
import type { PageSessionId } from "../model/ids.ts";
import { renderJson } from "../model/plain-line.ts";

/** Events that wait for a slow reader; one that has so many waiting is let go and may come again. */
const MOST_WAITING = 1000;
/** Streams at once, and of one browser: each has a listener on everything the gateway does. */
const MOST_STREAMS = 64;
const MOST_OF_ONE_SESSION = 12;

/** What a stream is opened with. */
export interface StreamOptions {
  /** Between two signs of life, so that both ends notice when the other is gone. */
  readonly heartbeatMs: number;
  /** `BOOT:SEQ` of the last event that the reader saw; undefined: it saw none. */
  readonly lastSeen: string | undefined;
  /** How much waits for the owner's decision. */
  readonly waiting: number;
  /** The browser session it belongs to; it ends with the session. */
  readonly sessionId: PageSessionId | undefined;
  /** Asked at every sign of life: false ends the stream. */
  readonly mayGoOn: () => Promise<boolean>;
}

interface Open {
  readonly sessionId: PageSessionId | undefined;
  end(): void;
}

/** The streams of one server. */
export class Streams {
  readonly #open = new Set<Open>();

  /** Ends those of a session that is over. */
  endSession(sessionId: PageSessionId): void {
    for (const stream of this.#open) if (stream.sessionId === sessionId) stream.end();
  }

  /**
   * Opens a stream: `hello` with the boot id and position, then every event. A reader that comes back is given what it missed; where
   * that is no longer known, `hello` says `gap: true`, and it must read everything again. Throws `gateway/refused` when there are too many.
   */
  open(running: RunningGateway, options: StreamOptions): Response {
    this.#requireRoom(options.sessionId);
    const encoder = new TextEncoder();
    let stream: Open | undefined;
    const end = (): void => stream?.end();
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const write = (text: string): void => {
            if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(encoder.encode(text));
            end();
          };
          const missed = missedBy(running, options.lastSeen);
          write(
            renderHello(running, {
              waiting: options.waiting,
              gap: options.lastSeen !== undefined && missed === undefined,
            }),
          );
          for (const event of missed ?? []) write(renderEvent(running, event));
          const unsubscribe = running.subscribe((event) => write(renderEvent(running, event)));
          const heartbeat = setInterval(() => {
            write(": alive\n\n");
            options.mayGoOn().then((may) => may || end(), end);
          }, options.heartbeatMs);
          stream = {
            sessionId: options.sessionId,
            end: () => {
              unsubscribe();
              clearInterval(heartbeat);
              if (this.#open.delete(stream as Open)) controller.close();
            },
          };
          this.#open.add(stream);
        },
        cancel: () => {
          // It is closed already: only what belongs to it is let go.
          if (stream !== undefined) this.#open.delete(stream);
          end();
        },
      },
      { highWaterMark: MOST_WAITING },
    );
    return new Response(body, {
      headers: { "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" },
    });
  }

  #requireRoom(sessionId: PageSessionId | undefined): void {
    const ofSession = [...this.#open].filter((one) => one.sessionId === sessionId).length;
    if (this.#open.size < MOST_STREAMS && (sessionId === undefined || ofSession < MOST_OF_ONE_SESSION))
      return;
    throw new GatewayError("gateway/busy", "Too many pages and programs are listening to this gateway.", {
      hint: "Close some of them, then try again.",
    });
  }
}

/** Undefined: that is not known any more. */
function missedBy(
  { events }: RunningGateway,
  lastSeen: string | undefined,
): readonly GatewayEvent[] | undefined {
  if (lastSeen === undefined) return [];
  const at = lastSeen.lastIndexOf(":");
  const seq = lastSeen.slice(at + 1);
  if (lastSeen.slice(0, at) !== events.bootId || !/^\d{1,15}$/.test(seq)) return undefined;
  return events.since(Number(seq));
}

function renderHello(
  { events, version, startedAtMs }: RunningGateway,
  facts: { readonly waiting: number; readonly gap: boolean },
): string {
  const { bootId, seq } = events;
  return render("hello", `${bootId}:${seq}`, { bootId, seq, version, startedAtMs, ...facts });
}

function renderEvent({ events }: RunningGateway, event: GatewayEvent): string {
  return render(event.step, `${events.bootId}:${event.seq}`, { ...event, topic: topicOf(event.step) });
}

/** JSON has no line ends of its own, so it is one `data` line. */
function render(event: string, id: string, data: object): string {
  return `id: ${id}\nevent: ${event}\ndata: ${renderJson(data)}\n\n`;
}
