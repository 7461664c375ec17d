// An account that is only being opened: not well yet, and not in trouble either.
import type { AccountHealth } from "../../model/ports.ts";

/** True while the watch is being opened and nothing has gone wrong so far. */
export function isOpening({ reading, watching }: AccountHealth): boolean {
  const isUnderWay = reading.state === "starting" || reading.state === "ready";
  return isUnderWay && reading.reason === undefined && !watching.ok && watching.reason === undefined;
}
