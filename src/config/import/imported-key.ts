// One key of another gateway's config, and what became of it.

/** What became of a key. */
export interface ImportedKey {
  /** As the other file calls it. */
  readonly from: string;
  /** What it is here; undefined: it is left out. */
  readonly to: string | undefined;
  /** Why it has another name, or why it is left out; empty where there is nothing to say. */
  readonly note: string;
}
