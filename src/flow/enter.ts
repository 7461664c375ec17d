// A place among the agents that run, asked for by a turn that had something to wait for first.

/** Waits for a place among the agents that run; the answer gives it back. */
export type Enter = () => Promise<() => void>;

/** Waits for the place, where one is to be asked for. Undefined when the signal comes first: there is nothing to do in it any more. */
export async function entered(
  enter: Enter | undefined,
  signal: AbortSignal,
): Promise<(() => void) | undefined> {
  if (!enter) return () => {};
  if (signal.aborted) return undefined;
  const stopped = Promise.withResolvers<undefined>();
  const onAbort = (): void => stopped.resolve(undefined);
  signal.addEventListener("abort", onAbort);
  const place = enter();
  const leave = await Promise.race([stopped.promise, place]);
  signal.removeEventListener("abort", onAbort);
  // A place that comes too late is given back at once.
  if (!leave) void leaveWhenThere(place);
  return leave;
}

async function leaveWhenThere(place: Promise<() => void>): Promise<void> {
  const leave = await place;
  leave();
}
