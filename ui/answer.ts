// One answer of the gateway on the screen: read, kept while it is read again, and read again when its topics were told.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Topic } from "../src/control/status/topics.ts";
import { ApiError } from "./api.ts";
import { listen } from "./live.ts";
import { signedIn } from "./session.ts";

/** What is known of it. */
export interface Answer<T> {
  /** Undefined until the first one came. */
  readonly value: Signal<T | undefined>;
  /** Why the newest one could not be read; `value` is then the one before. */
  readonly error: Signal<ApiError | undefined>;
  /** Reads it again now. */
  readonly reload: () => void;
}

/** The first event is followed by a question at once; those within so long after it by one more. */
const GATHER_MS = 60;

/** Asks, and asks again. `key` names what is asked for: another key is another answer. */
export function useAnswer<T>(
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  topics: readonly Topic[],
): Answer<T> {
  const value = useSignal<T | undefined>(undefined);
  const error = useSignal<ApiError | undefined>(undefined);
  const again = useSignal<() => void>(() => {});
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let askedAtMs = 0;
    let isReading = false;
    let isStale = false;
    const load = async (): Promise<void> => {
      if (isReading) {
        isStale = true;
        return;
      }
      isReading = true;
      askedAtMs = performance.now();
      try {
        const read_ = await read(stop.signal);
        if (stop.signal.aborted) return;
        value.value = read_;
        error.value = undefined;
      } catch (cause) {
        if (stop.signal.aborted || !(cause instanceof ApiError)) return;
        if (cause.code === "page/not-signed-in") signedIn.value = "no";
        error.value = cause;
      } finally {
        isReading = false;
        if (isStale && !stop.signal.aborted) {
          isStale = false;
          soon();
        }
      }
    };
    const soon = (): void => {
      if (timer !== undefined) return;
      const waitMs = Math.max(0, askedAtMs + GATHER_MS - performance.now());
      timer = setTimeout(() => {
        timer = undefined;
        void load();
      }, waitMs);
    };
    again.value = () => void load();
    value.value = undefined;
    void load();
    const silence = listen(topics, soon);
    return () => {
      stop.abort();
      clearTimeout(timer);
      silence();
    };
  }, [key]);
  return { value, error, reload: () => again.value() };
}
