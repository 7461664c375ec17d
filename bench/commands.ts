// Short commands, from process start to process end, each round beside an empty Node.
import { median, timesFloor, type Figure } from "./figure.ts";
import { emptyProgram } from "./floors.ts";
import { Place } from "./place.ts";
import { CODERCLAW, timeNode } from "./programs.ts";

const ROUNDS = 21;

/** `coderclaw --version`. */
export async function measureVersion(): Promise<Figure[]> {
  using place = await Place.make();
  return [await measure("version", ["--version"], { place, times: 2 })];
}

/** Commands that read the config, with the gateway up and down. */
export async function measureCommands(): Promise<Figure[]> {
  using place = await Place.make();
  const get = ["config", "get", "channels.imessage.dmPolicy"];
  const figures = [
    await measure("commands", get, { place, times: 4 }),
    await measure("commands", ["channels", "status"], { place, times: 4, when: ", gateway down" }),
  ];
  const gateway = place.startGateway();
  await gateway.serving();
  figures.push(await measure("commands", ["channels", "status"], { place, times: 4, when: ", gateway up" }));
  await gateway.stop();
  return figures;
}

async function measure(
  measurement: string,
  args: readonly string[],
  { place, times, when = "" }: { place: Place; times: number; when?: string },
): Promise<Figure> {
  const empty = emptyProgram(place.dir);
  const floors: number[] = [];
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floors.push(await timeNode([empty], { env: place.env }));
    values.push(await timeNode([CODERCLAW, ...args], { env: place.env }));
  }
  return {
    measurement,
    name: `coderclaw ${args.join(" ")}${when}`,
    value: median(values),
    unit: "ms",
    floor: { name: "empty Node", value: median(floors) },
    target: timesFloor(times),
  };
}
