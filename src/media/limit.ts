// A time limit on top of a signal.

/** A signal that is aborted with another one, or after a time; `over` settles when it is, `end` clears the time away. */
export function limited(
  signal: AbortSignal,
  limitMs: number,
): { readonly signal: AbortSignal; readonly over: Promise<void>; readonly end: () => void } {
  const controller = new AbortController();
  const over = Promise.withResolvers<void>();
  const abort = (): void => {
    controller.abort();
    over.resolve();
  };
  const timer = setTimeout(abort, limitMs);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, over: over.promise, end };
}
