// What is wrong with a configuration: one fault with its place, value, reason and remedy.
import { GatewayError } from "../../model/errors.ts";
import type { ConfigPath } from "./path.ts";

/** One fault of a config file, ready to be shown. */
export interface ConfigProblem {
  /** Config path, such as `channels.imessage.allowFrom[0]`; empty for the file as a whole. */
  readonly path: string;
  /** From 1; 0 when the fault is not in the file (an environment variable). */
  readonly line: number;
  /** From 1; 0 when the fault is not in the file. */
  readonly column: number;
  /** One sentence with path, value and reason; secrets redacted. */
  readonly message: string;
  /** One imperative sentence. */
  readonly hint: string;
  /** The key is known, but this version does not do it yet. */
  readonly unsupported: boolean;
}

/** A fault before its position in the text is looked up. */
export interface Fault {
  readonly path: ConfigPath;
  readonly message: string;
  readonly hint: string;
  /** What the position points at; default the value; `outside`: the fault is not in the file. */
  readonly at?: "key" | "value" | "outside";
  readonly unsupported?: boolean;
  /** The value names one of these, and there is none of that name. */
  readonly unknown?: "agent" | "account";
}

/** How a secret is printed. */
export const REDACTED = "••••";

/** The error a config with these problems is reported as; `config/unsupported` when nothing else is wrong with it. */
export function configError(file: string, problems: readonly ConfigProblem[]): GatewayError {
  const [first, ...rest] = problems;
  const code = problems.every((problem) => problem.unsupported) ? "config/unsupported" : "config/invalid";
  const where = first !== undefined && first.line > 0 ? `${file}:${first.line}:${first.column}` : file;
  const more = rest.length === 0 ? "" : ` (and ${rest.length} more)`;
  return new GatewayError(code, `${where}: ${first?.message ?? "the configuration is not valid"}${more}`, {
    hint: first?.hint ?? "Run `coderclaw config validate` to see what is wrong.",
    details: { file, problems },
  });
}
