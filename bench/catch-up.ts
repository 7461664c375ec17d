// How fast the gateway takes in and answers what was written while it was not running.
import { setTimeout as delay } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import type { Figure } from "./figure.ts";
import type { Floors } from "./floors.ts";
import { answered, writeAll, type Load } from "./load.ts";
import { DIALECTS, Place, type Dialect } from "./place.ts";
import { nowMs } from "./programs.ts";

const ROWS = 20_000;
const POLL_MS = 20;

/** From the start of the process, with 20,000 rows behind its position. */
export async function measureCatchUp(floors: Floors): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const dialect of DIALECTS) figures.push(...(await catchUp(dialect, floors)));
  return figures;
}

async function catchUp(dialect: Dialect, floors: Floors): Promise<Figure[]> {
  using place = await Place.make(dialect);
  const first = place.startGateway();
  await first.watching();
  await first.stop();
  const load: Load = { first: 1, count: ROWS, chats: 100 };
  await writeAll(place, load);
  const gateway = place.startGateway();
  const journaledMs = await whenJournaled(place);
  const answeredMs = await answered(place, load);
  await gateway.stop();
  const figure = (what: string, doneMs: number): Figure => ({
    measurement: "catch-up",
    name: `catch-up of 20,000 rows, ${dialect}: ${what}`,
    value: (ROWS / (doneMs - gateway.startedMs)) * 1000,
    unit: "rows a second",
    floor: { name: "commits a second", value: 1000 / floors.commitMs },
    ...(dialect === "legacy" && what === "journaled"
      ? { note: "legacy gives 100 rows a poll; the stand-in polls each 20 ms here, imsg each 5 s" }
      : {}),
  });
  return [figure("journaled", journaledMs), figure("answered", answeredMs)];
}

/** When the last row is in the journal, as another process sees it. */
async function whenJournaled(place: Place): Promise<number> {
  const db = new DatabaseSync(place.state, { readOnly: true, timeout: 5000 });
  const newest = db.prepare("SELECT max(row_id) AS id FROM inbox");
  try {
    while (Number(newest.get()?.["id"]) < ROWS) await delay(POLL_MS);
    return nowMs();
  } finally {
    db.close();
  }
}
