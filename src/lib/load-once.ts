// What is loaded with its first use and kept: a load that fails is tried again the next time.

/** Contract: calls that come while it loads share one load; a failure is every waiting caller's, and is not kept. */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return async () => {
    if (loaded === undefined) {
      const loading = load();
      loaded = loading;
      loading.catch(() => {
        if (loaded === loading) loaded = undefined;
      });
    }
    return loaded;
  };
}
