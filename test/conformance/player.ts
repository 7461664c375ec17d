// Plays one recorded process against the simulator and tells every difference.

import { isDeepStrictEqual } from "node:util";
import { Executable } from "../../src/simulator/executable.ts";
import { EXCUSED_ANSWERS, subscriptionMayDiffer } from "./exceptions.ts";
import { bytesOf } from "./input.ts";
import type { Session, Step } from "./recording.ts";
import type { SeenRow, World } from "./world.ts";

/** The recorded imsg polled every 5 s; the order of what it writes does not depend on that. */
const POLL_MS = 25;
const SETTLE_MS = 4 * POLL_MS;
const ANSWER_MS = 5000;

interface Line {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: { readonly messages?: readonly (SeenRow & { readonly id: number })[] };
  readonly error?: { readonly data?: unknown };
  readonly params?: { readonly subscription?: number; readonly message?: SeenRow & { readonly id: number } };
}

/** What the test of a special recording adds. */
export interface Direction {
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Called before what was written to the database is written. */
  readonly beforeWrite?: () => void;
  /** Makes both sides comparable. */
  readonly normalize?: (text: string) => string;
}

/** Plays. Returns the differences, none when the simulator says what imsg said. */
export async function play(session: Session, world: World, direction: Direction = {}): Promise<string[]> {
  const differences: string[] = [];
  const child = startChild(session, world, direction);
  const seen = seenRows(session.steps);
  const dbPath = session.argv[session.argv.indexOf("--db") + 1] ?? "";

  for (const group of groupSteps(session.steps)) {
    const [first] = group;
    if (first === undefined) continue;
    if (first.dir === "out")
      differences.push(...(await compareLines(child, group, { session, world, direction })));
    else if (first.dir === "db") {
      direction.beforeWrite?.();
      world.write(dbPath, group, seen);
    } else await act(child, first, differences);
  }
  if (child.lines.length > 0) differences.push(`more than recorded: ${child.lines.join("\n")}`);
  if (child.stderr !== "") differences.push(`stderr: ${child.stderr}`);
  return differences;
}

function startChild(session: Session, world: World, direction: Direction): Executable {
  const argv = session.argv.slice(1).map((part) => (part.startsWith("/") ? world.path(part) : part));
  return new Executable(argv, {
    cwd: world.root,
    env: {
      HOME: world.path("/home/user"),
      IMSG_SIM_DIALECT: "legacy",
      IMSG_SIM_LINUX: "1",
      IMSG_SIM_POLL_MS: String(POLL_MS),
      ...direction.env,
    },
    ...(direction.uid === undefined ? {} : { uid: direction.uid }),
  });
}

async function act(child: Executable, step: Step, differences: string[]): Promise<void> {
  if (step.dir === "in") {
    child.process.stdin.write(bytesOf(step.line ?? ""));
  } else if (step.dir === "stdin_close") {
    child.process.stdin.end();
  } else if (step.dir === "signal") {
    child.process.kill(step.name as NodeJS.Signals);
  } else if (step.dir === "exit") {
    const code = await child.ended;
    if (code !== step.code) differences.push(`exit ${code}, recorded ${step.code}`);
  } else if (step.dir === "note") {
    await new Promise((resolve) => {
      setTimeout(resolve, SETTLE_MS); // the recorder let time pass here: nothing more may come
    });
  }
}

/** Lines that came together, changes made together; everything else alone. */
function groupSteps(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    const joins = step.dir === "out" || step.dir === "db";
    if (joins && last?.[0]?.dir === step.dir) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

async function compareLines(
  child: Executable,
  group: readonly Step[],
  { session, world, direction }: { session: Session; world: World; direction: Direction },
): Promise<string[]> {
  const normalize = direction.normalize ?? ((text: string) => text);
  const recorded = group.map((step) => JSON.parse(normalize(recordedText(step))) as Line);
  const raw = await child.take(recorded.length, ANSWER_MS);
  const actual = raw.map((line) => JSON.parse(normalize(world.asRecorded(line))) as Line);
  const differences: string[] = [];
  const keys = new Set([...recorded, ...actual].map((line) => channel(line, session)));
  for (const key of keys) {
    const wanted = recorded.filter((line) => channel(line, session) === key);
    const got = actual.filter((line) => channel(line, session) === key);
    for (let index = 0; index < Math.max(wanted.length, got.length); index += 1) {
      const difference = compare(wanted[index], got[index], session);
      if (difference !== undefined) differences.push(difference);
    }
  }
  return differences;
}

/** The recorder kept the home folder at `/data/home` and wrote `/home/user` in its place only in the database. */
function recordedText(step: Step): string {
  return JSON.stringify(JSON.parse(step.line ?? "")).replaceAll("/data/home/", "/home/user/");
}

/** Lines are compared in order among those of one channel: the answers, and each subscription. */
function channel(line: Line, session: Session): string {
  if (line.method === undefined) return "answers";
  return subscriptionMayDiffer(session) ? "notifications" : `subscription ${line.params?.subscription ?? ""}`;
}

function compare(wanted: Line | undefined, got: Line | undefined, session: Session): string | undefined {
  if (wanted === undefined) return `not recorded: ${JSON.stringify(got)}`;
  if (got === undefined) return `missing: ${JSON.stringify(wanted)}`;
  const excused = EXCUSED_ANSWERS.some(({ file, excuses }) => file === session.file && excuses(wanted));
  if (excused && isDeepStrictEqual(wanted.id, got.id)) return undefined;
  const [left, right] = subscriptionMayDiffer(session)
    ? [withoutNumber(wanted), withoutNumber(got)]
    : [wanted, got];
  if (isDeepStrictEqual(left, right)) return undefined;
  return `recorded ${JSON.stringify(wanted)}\n     got ${JSON.stringify(got)}`;
}

function withoutNumber(line: Line): Line {
  return line.params === undefined ? line : { ...line, params: { ...line.params, subscription: 0 } };
}

function messagesOf(step: Step): (SeenRow & { readonly id: number })[] {
  if (step.dir !== "out") return [];
  const { params, result } = JSON.parse(step.line ?? "") as Line;
  return [...(params?.message === undefined ? [] : [params.message]), ...(result?.messages ?? [])];
}

/** What is known of the rows that were inserted: from the notifications, and for the others from the recorder's clock. */
function seenRows(steps: readonly Step[]): Map<number, SeenRow> {
  const rows = new Map<number, SeenRow>();
  for (const found of steps.flatMap(messagesOf)) {
    if ((rows.get(found.id)?.attachments?.length ?? 0) === 0) rows.set(found.id, found);
  }
  const inserts = steps.filter(({ op }) => op === "insert");
  const timed = inserts.find(({ rowid }) => rows.get(rowid ?? 0)?.created_at !== undefined);
  const startMs = Date.parse(rows.get(timed?.rowid ?? 0)?.created_at ?? "") - (timed?.ms ?? 0);
  for (const { rowid = 0, ms } of inserts) {
    if (rows.has(rowid) || Number.isNaN(startMs)) continue;
    rows.set(rowid, { created_at: new Date(startMs + ms).toISOString() });
  }
  return rows;
}
