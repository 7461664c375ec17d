// A child that said who it is and can be asked, as the parts of an account hand it around.
import { identifyAgain, type Dialect } from "./dialect.ts";
import type { Link } from "./link.ts";
import type { Queries } from "../read/queries.ts";

/** Tells the log. */
export type Log = (
  level: "debug" | "info" | "warn" | "error",
  line: string,
  facts?: Record<string, unknown>,
) => void;

/** One child that can be asked. */
export interface Session {
  readonly link: Link;
  readonly queries: Queries;
  /** What it said last that it can do. */
  readonly dialect: Dialect;
  /** False once another file lies where this child opened its database; legacy goes on with the old one for ever. */
  readonly isSameFile: () => Promise<boolean>;
  /**
   * Asks again what it can do, now or (`ifOlderThanMs`) only when it was not asked for so long: v1's bridge comes and goes while a child
   * runs. Contract: never rejects; one question at a time.
   */
  readonly askAgain: (ifOlderThanMs?: number) => Promise<void>;
}

/** A session of a child that has just said who it is. */
export function createSession({ dialect: first, ...rest }: Omit<Session, "askAgain">): Session {
  let dialect = first;
  let askedAtMs = performance.now();
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    try {
      dialect = await identifyAgain(rest.link);
    } catch {
      // What was known before is as good as anything.
    } finally {
      asking = undefined;
    }
  };
  return {
    ...rest,
    get dialect() {
      return dialect;
    },
    askAgain: async (ifOlderThanMs = 0) => {
      const nowMs = performance.now();
      if (dialect.kind === "legacy" || (asking === undefined && nowMs - askedAtMs < ifOlderThanMs)) return;
      askedAtMs = nowMs;
      await (asking ??= ask());
    },
  };
}
