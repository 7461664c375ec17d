// The end of a gateway's process: one signal ends it in order, a second one at once, and nothing that hangs keeps it for ever.
import type { Log } from "../lib/log.ts";

/** An orderly end takes a second or two; what is not done then is picked up at the next start. */
const LONGEST_END_MS = 20_000;
/** A terminal and a parent process may both pass on the same Ctrl-C. */
const SAME_SIGNAL_MS = 500;
/** For what is still open once everything was closed. */
const LONGEST_REST_MS = 2000;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** The wish to end. */
export interface StopSignal {
  readonly received: Promise<void>;
  /** Everything is closed: the process ends now, whatever still holds it. */
  dispose(): void;
}

/** Listens for SIGINT and SIGTERM. */
export function stopSignal(log: Log): StopSignal {
  const received = Promise.withResolvers<void>();
  let firstAtMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      received.resolve();
      setTimeout(() => {
        const seconds = LONGEST_END_MS / 1000;
        log.error(`not everything ended within ${seconds} s; the rest is picked up at the next start`);
        process.exit(1);
      }, LONGEST_END_MS).unref();
    } else if (nowMs - firstAtMs > SAME_SIGNAL_MS) {
      log.warn("ended at once; what was under way is picked up at the next start");
      process.exit(EXIT_CODES[signal as keyof typeof EXIT_CODES]);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    received: received.promise,
    dispose: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      setTimeout(() => process.exit(), LONGEST_REST_MS).unref();
    },
  };
}
