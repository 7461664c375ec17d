// The event stream: what the gateway does, as Server-Sent Events.
import type { GatewayEvent, RunningGateway } from "../control/status/running.ts";
import { renderJson } from "../model/plain-line.ts";

/** Events that wait for a slow reader; one that has so many waiting is let go and may come again. */
const MOST_WAITING = 1000;

/** Answers with the events from now on, a comment every `heartbeatMs` so that both ends notice when the other is gone. */
export function eventStream(running: RunningGateway, heartbeatMs: number): Response {
  const encoder = new TextEncoder();
  let release = (): void => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string): void => {
          if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(encoder.encode(text));
          release();
          controller.close();
        };
        write(": open\n\n");
        const unsubscribe = running.subscribe((event) => write(render(event)));
        const heartbeat = setInterval(() => write(": alive\n\n"), heartbeatMs);
        release = () => {
          unsubscribe();
          clearInterval(heartbeat);
        };
      },
      cancel() {
        release();
      },
    },
    { highWaterMark: MOST_WAITING },
  );
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

/** JSON has no line ends of its own, so it is one `data` line. */
function render(event: GatewayEvent): string {
  return `id: ${event.seq}\nevent: ${event.step}\ndata: ${renderJson(event)}\n\n`;
}
