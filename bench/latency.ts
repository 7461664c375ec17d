// From the line that tells of a message to the request that sends its answer, everything journaled between.
import { atMost, percentile, type Figure } from "./figure.ts";
import type { Floors } from "./floors.ts";
import { answered, latencies, writePaced, type Load } from "./load.ts";
import { DIALECTS, Place, type Dialect } from "./place.ts";

/** Twenty messages a second from twenty chats, one after the other. */
export async function measureLatency(floors: Floors): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const dialect of DIALECTS) figures.push(...(await latencyOf(dialect, floors)));
  return figures;
}

async function latencyOf(dialect: Dialect, floors: Floors): Promise<Figure[]> {
  using place = await Place.make(dialect);
  const gateway = place.startGateway();
  await gateway.watching();
  const warmUp: Load = { first: 1, count: 100, chats: 20 };
  await writePaced(place, warmUp, 20);
  await answered(place, warmUp);
  const load: Load = { first: 1000, count: 400, chats: 20 };
  const from = place.events.mark();
  await writePaced(place, load, 20);
  await answered(place, load);
  const times = latencies(place, load, from);
  await gateway.stop();
  const floor = { name: "pipe echo + 3 commits", value: floors.pipeEchoMs + 3 * floors.commitMs };
  const figure = (hundredths: number, bound: number): Figure => ({
    measurement: "latency",
    name: `inbound line to send request, ${dialect}, p${hundredths}`,
    value: percentile(times, hundredths),
    unit: "ms",
    floor,
    target: atMost(bound),
  });
  return [figure(50, 10), figure(99, 40)];
}
