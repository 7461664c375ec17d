// `npm run bench`: every figure beside its floor, measured on the built programs in throw-away folders, as one table.
import { existsSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { measureCatchUp } from "./catch-up.ts";
import { measureCommands, measureVersion } from "./commands.ts";
import { isMet, ratioOf, type Figure } from "./figure.ts";
import { floorFigures, measureFloors, type Floors } from "./floors.ts";
import { measureInstall } from "./install.ts";
import { measureLatency } from "./latency.ts";
import { measureMemory } from "./memory.ts";
import { CODERCLAW } from "./programs.ts";
import { say } from "./progress.ts";
import { measureRestart } from "./restart.ts";
import { measureStart } from "./start.ts";
import { renderNotes, renderTable } from "./table.ts";
import { measureThroughput } from "./throughput.ts";

type Measure = (floors: Floors) => Promise<readonly Figure[]> | readonly Figure[];

const MEASUREMENTS: Readonly<Record<string, Measure>> = {
  version: measureVersion,
  commands: measureCommands,
  start: measureStart,
  restart: measureRestart,
  latency: measureLatency,
  throughput: measureThroughput,
  "catch-up": measureCatchUp,
  memory: measureMemory,
  install: measureInstall,
};

const HELP = `Measures the built programs; each figure stands beside its floor, measured in the same run.

Usage: npm run bench -- [--only NAME]... [--json]

  --only NAME   one of: ${Object.keys(MEASUREMENTS).join(", ")}
  --json        figures as JSON
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "string") {
    process.stderr.write(`${options}\n${HELP}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (!existsSync(CODERCLAW)) {
    process.stderr.write("There is no dist/ to measure.\nRun `npm run build` first, or `npm run bench`.\n");
    return 1;
  }
  const run = { at: new Date().toISOString(), ...describeMachine() };
  say("floors …");
  const floors = await measureFloors();
  const figures = [...floorFigures(floors)];
  for (const name of options.only) {
    say(`${name} …`);
    figures.push(...((await MEASUREMENTS[name]?.(floors)) ?? []));
  }
  if (options.json) printJson(run, figures);
  else
    process.stdout.write(
      `${Object.values(run).join(", ")}\n\n${renderTable(figures)}\n\n${renderNotes(figures)}\n`,
    );
  return 0;
}

/** The options, or what is wrong with them. */
function readOptions(): { only: readonly string[]; json: boolean; help: boolean } | string {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const unknown = values.only.find((name) => !Object.hasOwn(MEASUREMENTS, name));
    if (unknown !== undefined) return `there is no measurement "${unknown}"`;
    return { ...values, only: values.only.length > 0 ? values.only : Object.keys(MEASUREMENTS) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function describeMachine() {
  const processors = cpus();
  return {
    node: `Node ${process.versions.node}`,
    system: `${type()} ${release()}`,
    processor: `${processors.length} × ${processors[0]?.model ?? "processor"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(" ")}`,
  };
}

function printJson(run: object, figures: readonly Figure[]): void {
  const judged = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), met: isMet(figure) }));
  process.stdout.write(`${JSON.stringify({ ...run, figures: judged }, null, 2)}\n`);
}
