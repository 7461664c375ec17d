// What in the service's file no longer fits this machine: paths that are gone, and programs that have moved.
import { existsSync } from "node:fs";
import type { ServicePlan } from "./service-plan.ts";

/** One thing that no longer fits, as a sentence. */
export interface Drift {
  /** The service cannot start because of it. */
  readonly isBroken: boolean;
  readonly message: string;
}

/**
 * Compares the file as it is with what would be written today.
 *
 * @param current what the file runs, as its manager reads it back
 */
export function driftOf(
  current: Pick<ServicePlan, "command" | "environment">,
  today: ServicePlan,
): readonly Drift[] {
  const gone = current.command
    .filter((word) => word.startsWith("/") && !existsSync(word))
    .map((word) => ({ isBroken: true, message: `The service runs "${word}", which does not exist` }));
  if (gone.length > 0) return gone;
  const drifts: Drift[] = [];
  const [was, is] = [current.command.join(" "), today.command.join(" ")];
  if (was !== is)
    drifts.push({ isBroken: false, message: `The service runs \`${was}\`; today it would be \`${is}\`` });
  const folders = new Set((current.environment["PATH"] ?? "").split(":"));
  const missing = (today.environment["PATH"] ?? "").split(":").filter((folder) => !folders.has(folder));
  if (missing.length > 0)
    drifts.push({
      isBroken: false,
      message: `The service's PATH lacks ${missing.join(", ")}, where programs of the config are found today`,
    });
  return drifts;
}
