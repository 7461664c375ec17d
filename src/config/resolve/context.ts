// What resolving needs beside the written config: where the file is, the environment, and where faults go.
import type { Environment } from "../env.ts";
import type { Places } from "../places.ts";
import type { Report } from "./report.ts";

/** One resolution's surroundings. */
export interface ResolveContext {
  /** The config file, for hints. */
  readonly file: string;
  /** Relative paths in the file start at its folder. */
  readonly baseDir: string;
  readonly places: Places;
  readonly environment: Environment;
  readonly report: Report;
}
