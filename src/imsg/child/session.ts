// A child that said who it is and can be asked, as the parts of an account hand it around.
import type { Dialect } from "./dialect.ts";
import type { Link } from "./link.ts";
import type { Queries } from "../read/queries.ts";

/** Tells the log. */
export type Log = (
  level: "debug" | "info" | "warn" | "error",
  line: string,
  facts?: Record<string, unknown>,
) => void;

/** One child that can be asked. */
export interface Session {
  readonly link: Link;
  readonly queries: Queries;
  readonly dialect: Dialect;
  /** False once another file lies where this child opened its database; legacy goes on with the old one for ever. */
  readonly isSameFile: () => Promise<boolean>;
}
