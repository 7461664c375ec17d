// How many messages a second are answered.
import { isNotified } from "./event-log.ts";
import { atLeast, percentile, type Figure } from "./figure.ts";
import type { Floors } from "./floors.ts";
import { answered, latencies, repliesTo, writeAll, writePaced, type Load } from "./load.ts";
import { Place } from "./place.ts";
import { say } from "./progress.ts";

const BURST = 10_000;
const LADDER = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1400];
const STEP_SECONDS = 4;
/** Later than this, and the pace is not kept up: they pile up. */
const LATEST_MS = 200;
/** A pause of the writing program alone makes a few messages of one chat arrive together. */
const OWN_SHARE = 0.99;

/** A burst of 10,000 from 100 chats, then the pace at which each message still has a reply of its own; memory before and after. */
export async function measureThroughput(floors: Floors): Promise<Figure[]> {
  using place = await Place.make();
  const gateway = place.startGateway();
  await gateway.watching();
  const load: Load = { first: 1_000_000, count: BURST, chats: 100 };
  const from = place.events.mark();
  await writeAll(place, load);
  const doneMs = await answered(place, load);
  const { at: beganMs } = await place.events.find("the first row", isNotified, { from });
  const replies = repliesTo(place, load, from);
  const pace = await highestPace(place);
  await gateway.stop();
  const floor = { name: "commits a second", value: 1000 / floors.commitMs };
  const unit = "a second";
  const measurement = "throughput";
  return [
    {
      measurement,
      name: "answered from 100 chats, 10,000 at once",
      value: (BURST / (doneMs - beganMs)) * 1000,
      unit,
      floor,
      target: atLeast(800),
      note: `they were written while they were answered; messages that wait for one turn share a reply: ${replies} replies`,
    },
    {
      measurement,
      name: "answered from 100 chats, each by itself",
      value: pace,
      unit,
      floor,
      note: `the highest of ${LADDER.join(", ")} at which, for ${STEP_SECONDS} s, each message had a reply of its own and 99 of 100 were sent within ${LATEST_MS} ms`,
    },
  ];
}

/** Climbs until messages begin to share replies. */
async function highestPace(place: Place): Promise<number> {
  let highest = 0;
  for (const [step, perSecond] of LADDER.entries()) {
    const load: Load = { first: 2_000_000 + step * 100_000, count: perSecond * STEP_SECONDS, chats: 100 };
    const from = place.events.mark();
    const beganMs = performance.now();
    await writePaced(place, load, perSecond);
    const tookSeconds = (performance.now() - beganMs) / 1000;
    await answered(place, load);
    const own = repliesTo(place, load, from) / load.count;
    const p99 = percentile(latencies(place, load, from), 99);
    const share = `${(own * 100).toFixed(1)} % with a reply of their own`;
    say(`  ${perSecond} a second: ${share}, p99 ${p99.toFixed(0)} ms, ${tookSeconds.toFixed(1)} s`);
    if (own < OWN_SHARE || p99 > LATEST_MS) return highest;
    highest = perSecond;
  }
  return highest;
}
