// From the start of the gateway's process to the stand-in reading `watch.subscribe`.
import { median, timesFloor, type Figure } from "./figure.ts";
import { isSubscription } from "./event-log.ts";
import { emptyProgram } from "./floors.ts";
import { writeAll } from "./load.ts";
import { DIALECTS, Place, type Dialect } from "./place.ts";
import { timeNode } from "./programs.ts";

const ROUNDS = 15;

/** Both dialects; the journal has a position already, as at every start but the first. */
export async function measureStart(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const dialect of DIALECTS) figures.push(await measure(dialect));
  return figures;
}

async function measure(dialect: Dialect): Promise<Figure> {
  using place = await Place.make(dialect);
  const empty = emptyProgram(place.dir);
  await writeAll(place, { first: 0, count: 100, chats: 10 });
  await oneStart(place);
  const floors: number[] = [];
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floors.push(await timeNode([empty], { env: place.env }));
    values.push(await oneStart(place));
  }
  return {
    measurement: "start",
    name: `start to watch.subscribe, ${dialect}`,
    value: median(values),
    unit: "ms",
    floor: { name: "empty Node", value: median(floors) },
    target: timesFloor(6),
    note: "the stand-in's own start, another Node, is part of it",
  };
}

async function oneStart(place: Place): Promise<number> {
  const from = place.events.mark();
  const gateway = place.startGateway();
  const subscribed = await place.events.find("the subscription", isSubscription, { from });
  await gateway.watching();
  await gateway.stop();
  return subscribed.at - gateway.startedMs;
}
