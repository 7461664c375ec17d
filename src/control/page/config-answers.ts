// What is shown of the config file and of a change before it is made.

/** `GET config`. */
export interface ConfigAnswer {
  readonly file: string;
  readonly exists: boolean;
  /** The file's own text, its secrets replaced. */
  readonly text: string;
  /** Names this text; a change says for which it was made. */
  readonly version: string;
  readonly problems: readonly ConfigProblemItem[];
  readonly warnings: readonly { readonly path: string; readonly message: string; readonly hint: string }[];
  readonly canUndo: boolean;
  /** Every key that is set or can be, in the order of the reference. */
  readonly keys: readonly ConfigKey[];
}

export interface ConfigProblemItem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

export interface ConfigKey {
  /** Such as `channels.imessage.dmPolicy`. */
  readonly path: string;
  /** In Markdown, a phrase without a full stop. */
  readonly help: string;
  readonly input: ConfigInput;
  readonly isSet: boolean;
  /** As it is in force; secrets replaced. */
  readonly value: unknown;
  /** Where a value comes from that is not set, in words. */
  readonly defaultText: string | undefined;
  /** Why the page may not change it; undefined: it may. */
  readonly locked: string | undefined;
}

/** How a value is put in. `json`: as JSON5. */
export type ConfigInput =
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "number"; readonly least: number | undefined; readonly most: number | undefined }
  | { readonly kind: "text" | "texts" | "json" };

/** One change of the config; without a `value` the key is removed. */
export interface ConfigEdit {
  readonly path: string;
  /** As it would be typed on the command line: JSON5, or a bare text. */
  readonly value?: string;
}

/** `POST config/preview` with `{ version, edits }`, or `{ version, undo: true }`. */
export interface ConfigPreviewAnswer {
  readonly diff: readonly DiffLine[];
  /** Not empty: it cannot be made. */
  readonly problems: readonly { readonly message: string; readonly hint: string }[];
  readonly warnings: readonly { readonly path: string; readonly message: string; readonly hint: string }[];
}

/** Unchanged lines far from any change are left out as one `gap`. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed" | "gap";
  readonly text: string;
}

/** `POST config/change` with what the preview was given; `config/changed-since` where the file is another by now. */
export interface ConfigChangeAnswer {
  readonly version: string;
  /** The paths that are other than before. */
  readonly paths: readonly string[];
}
