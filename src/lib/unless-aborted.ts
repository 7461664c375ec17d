// Waiting that ends early when a signal says so.

/**
 * Settles as `work` does; undefined as soon as one of the signals is aborted.
 *
 * Contract: the work itself goes on; should it be rejected later, nobody is told.
 */
export async function unlessAborted<Result>(
  work: Promise<Result>,
  signals: readonly AbortSignal[],
): Promise<Result | undefined> {
  work.catch(() => {});
  const signal = AbortSignal.any([...signals]);
  if (signal.aborted) return undefined;
  const over = new AbortController();
  const cut = Promise.withResolvers<undefined>();
  signal.addEventListener("abort", () => cut.resolve(undefined), { signal: over.signal });
  try {
    return await Promise.race([work, cut.promise]);
  } finally {
    over.abort();
  }
}
