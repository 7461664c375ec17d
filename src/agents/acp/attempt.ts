// One attempt to have a prompt answered, what it tells of its session, and what is tried after one that failed.
import type { Failure } from "../failure.ts";

/** How an attempt is made. */
export interface Way {
  /** In a new session, which is given the transcript. */
  readonly isAnew: boolean;
  /** MIME types of files that are named only. */
  readonly refused: ReadonlySet<string>;
}

/** What came of one. */
export interface Attempt {
  /** Undefined: it went well, or a person stopped it. */
  readonly failure: Failure | undefined;
  /** It may have failed for what is in the session, or for what works behind it. */
  readonly blamesSession: boolean;
  /** Nothing was said in the session before. */
  readonly wasBlank: boolean;
  /** The agent said or did something: doing it again could do it twice. */
  readonly hasActed: boolean;
  /** The agent's process has ended; another one may get further. */
  readonly hasEnded: boolean;
  /** Nobody waits any longer, or the time is up. */
  readonly isCut: boolean;
  readonly tookMs: number;
  /** MIME types of the files that went along. */
  readonly attached: readonly string[];
}

/** Failures after which a session is given up. */
const MOST_FAILURES = 2;
/** What fails later than that, people have waited for long enough. */
const QUICK_MS = 20_000;
/** So many sessions are remembered by their failures. */
const MOST_SESSIONS = 1000;

/** What to try after a failure in the same turn; undefined: nothing more. `failures`: of this session in a row, this one included. */
export function nextWay(attempt: Attempt, way: Way, failures: number): Way | undefined {
  const { failure, blamesSession, wasBlank, hasActed, isCut, tookMs, attached } = attempt;
  if (!failure || !blamesSession || hasActed || isCut || way.isAnew || tookMs > QUICK_MS) return undefined;
  if (attached.length > 0) return { refused: new Set([...way.refused, ...attached]), isAnew: wasBlank };
  if (wasBlank) return undefined;
  if (failures >= MOST_FAILURES) return { ...way, isAnew: true };
  return attempt.hasEnded ? undefined : way;
}

/** How often each session failed in a row. */
export class SessionFailures {
  readonly #counts = new Map<string, number>();

  /** True for one that is to be given up. */
  isGivenUp(sessionId: string): boolean {
    return (this.#counts.get(sessionId) ?? 0) >= MOST_FAILURES;
  }

  /** Takes what came of an attempt in it; the answer is how often it failed in a row. */
  take(sessionId: string, { failure, blamesSession, wasBlank, isCut }: Attempt, way: Way): number {
    const count = this.#counts.get(sessionId) ?? 0;
    const isFailure = blamesSession && !wasBlank && (failure !== undefined || isCut);
    // Where a new session fails as well, it is not for the old one; it gets another chance.
    const now = way.isAnew && failure ? 1 : isFailure ? count + 1 : failure || isCut ? count : 0;
    this.#counts.delete(sessionId);
    if (now > 0) this.#counts.set(sessionId, now);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST_SESSIONS && oldest !== undefined) this.#counts.delete(oldest);
    return now;
  }
}
