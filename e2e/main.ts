// `npm run e2e:agents`: plays every scenario with the real OpenCode, one line each; exit code 1 when one fails.
import { setTimeout as delay } from "node:timers/promises";
import { installOpenCode } from "./open-code.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { Stage } from "./stage.ts";

/** Longest that a scenario may take, in ms. */
const LIMIT_MS = 120_000;
/** How much of the gateway's log a failure shows, in lines. */
const LOG_LINES = 40;

/** Aborted by ctrl-C: what runs is cleared away first. */
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => interrupted.abort(new Error("interrupted")));
// What this user has set for his own OpenCode.
for (const name of Object.keys(process.env)) if (name.startsWith("OPENCODE")) delete process.env[name];

await installOpenCode();
const failures: string[] = [];
for (const scenario of SCENARIOS) {
  if (interrupted.signal.aborted) break;
  const startedAtMs = performance.now();
  const took = (): string => `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
  try {
    const seen = await show(scenario);
    console.log(`ok    ${scenario.name}: ${seen} (${took()})`);
  } catch (cause) {
    failures.push(scenario.name);
    console.log(`FAIL  ${scenario.name} (${took()}): ${messageOf(cause)}`);
  }
}
const played = interrupted.signal.aborted ? "interrupted" : `${SCENARIOS.length} scenarios`;
console.log(`${played}, ${failures.length} failed, ${process.uptime().toFixed(0)} s`);
// A scenario that ran out of time may still wait for something.
process.exit(failures.length > 0 || interrupted.signal.aborted ? 1 : 0);

/** Plays a scenario on a stage of its own and clears it away, whatever happens. */
async function show({ script, play }: Scenario): Promise<string> {
  await using on = await Stage.open(script);
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, interrupted.signal]);
  const late = delay(LIMIT_MS, undefined, { signal }).then(
    () => Promise.reject(new Error(`not within ${LIMIT_MS / 1000} s`)),
    () => Promise.reject(new Error("interrupted")),
  );
  late.catch(() => {});
  try {
    const played = play(on).then(async (seen) => {
      await on.close();
      return seen;
    });
    return await Promise.race([played, late]);
  } catch (cause) {
    const log = on.log().trimEnd().split("\n").slice(-LOG_LINES);
    const told = [messageOf(cause), ...on.model.faults, "The gateway's log:", ...log];
    throw new Error(told.join("\n"), { cause });
  } finally {
    over.abort();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
