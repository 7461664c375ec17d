// The end of a gateway's process: one signal or one fault ends it in order, a second signal at once, and nothing that hangs keeps it for ever.
import type { Log } from "../lib/log.ts";
import { GatewayError } from "../model/errors.ts";

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
  /** Throws where a fault of the product ended it. */
  throwFault(): void;
  /** Everything is closed: the process ends now, whatever still holds it. */
  dispose(): void;
}

/** Listens for SIGINT and SIGTERM, and for errors that nobody caught: after one of these nothing that is in memory can be relied on. */
export function stopSignal(log: Log): StopSignal {
  const received = Promise.withResolvers<void>();
  let firstAtMs: number | undefined;
  let fault: unknown;
  const end = (): void => {
    firstAtMs = performance.now();
    received.resolve();
    setTimeout(() => {
      const seconds = LONGEST_END_MS / 1000;
      log.error(`not everything ended within ${seconds} s; the rest is picked up at the next start`);
      process.exit(1);
    }, LONGEST_END_MS).unref();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAtMs === undefined) end();
    else if (performance.now() - firstAtMs > SAME_SIGNAL_MS) {
      log.warn("ended at once; what was under way is picked up at the next start");
      process.exit(EXIT_CODES[signal as keyof typeof EXIT_CODES]);
    }
  };
  // Both kinds come here: a rejection that nobody handles is thrown as an exception by Node.
  const onFault = (cause: unknown): void => {
    const stack = cause instanceof Error ? cause.stack : undefined;
    log.error("an error that nobody caught: the gateway ends in order", { cause, stack });
    fault ??= cause ?? "unknown";
    if (firstAtMs === undefined) end();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("uncaughtException", onFault);
  return {
    received: received.promise,
    throwFault: () => {
      if (fault === undefined) return;
      throw new GatewayError("internal/bug", "The gateway ended because of an error that nobody caught", {
        hint: "Start it again, and report the error in the log.",
        cause: fault,
      });
    },
    dispose: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      setTimeout(() => process.exit(), LONGEST_REST_MS).unref();
    },
  };
}
