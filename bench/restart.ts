// How long a killed reading child leaves the gateway without a watch.
import { isSubscription } from "./event-log.ts";
import { atMost, type Figure } from "./figure.ts";
import { Place } from "./place.ts";
import { nowMs } from "./programs.ts";

/** Ten killed reading children in a row. */
export async function measureRestart(): Promise<Figure[]> {
  using place = await Place.make();
  const gateway = place.startGateway();
  await gateway.watching();
  const times: number[] = [];
  let { pid } = await place.events.find("the first subscription", isSubscription);
  for (let round = 0; round < 10; round += 1) {
    const from = place.events.mark();
    const logged = gateway.logged();
    const killedMs = nowMs();
    process.kill(pid, "SIGKILL");
    const next = await place.events.find("another subscription", isSubscription, { from });
    pid = next.pid;
    times.push(next.at - killedMs);
    await gateway.watching(logged);
  }
  await gateway.stop();
  const figure = (name: string, value: number): Figure => ({
    measurement: "restart",
    name: `reading child killed: watching again, ${name}`,
    value,
    unit: "ms",
    target: atMost(1000),
  });
  return [figure("slowest of ten", Math.max(...times)), figure("tenth", times.at(-1) ?? Number.NaN)];
}
