// Tells linear time from more, on a machine that does other things too.

/** Lengths that are tried, in UTF-16 units: what is quadratic shows at one of the first, before it holds up the test. */
const LENGTHS = [2000, 24_000];
/** Less than this is no harm, whatever it grows like; and too little to be measured. */
const HARMLESS_MS = 20;
/** Twice the text may take this many times as long: twice, and what noise and caches add. */
const MOST_GROWTH = 3;
/** What takes so long tells enough in one run. */
const LONG_MS = 300;
/** What is slow so many times in a row is slow. */
const TRIES = 4;

/** Why a function is too slow for texts of a kind; undefined: it is not. */
export function findSlowness(
  run: (text: string) => void,
  make: (length: number) => string,
): string | undefined {
  for (const length of LENGTHS) {
    const slowness = compare(run, make, length);
    if (slowness !== undefined) return slowness;
  }
  return undefined;
}

function compare(
  run: (text: string) => void,
  make: (length: number) => string,
  length: number,
): string | undefined {
  let last = "";
  for (let tries = 0; tries < TRIES; tries += 1) {
    const wholeMs = fastest(run, make(length));
    if (wholeMs < HARMLESS_MS) return undefined;
    const halfMs = fastest(run, make(length / 2));
    if (wholeMs < MOST_GROWTH * halfMs) return undefined;
    last = `${halfMs.toFixed(1)} ms for ${length / 2} units, ${wholeMs.toFixed(1)} ms for twice as many`;
  }
  return last;
}

/** The least of some runs is the function's own time; one that is quick is not run again. */
function fastest(run: (text: string) => void, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let runs = 0; runs < 3; runs += 1) {
    const ms = timeOf(run, text);
    least = Math.min(least, ms);
    if (least < HARMLESS_MS || ms > LONG_MS) break;
  }
  return least;
}

/** Time of this thread alone: what else the machine does is not in it. */
function timeOf(run: (text: string) => void, text: string): number {
  const before = process.threadCpuUsage();
  run(text);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
