// Loads the faults only where a faults file was named: a process that behaves starts faster.

import { NO_FAULTS } from "../rpc/faults-port.ts";
import type { Faults } from "../rpc/faults-port.ts";
import type { FaultScene } from "./open.ts";

/** The faults of a file; none without one. */
export async function loadFaults(path: string | undefined, scene: FaultScene): Promise<Faults> {
  if (path === undefined) return NO_FAULTS;
  const { openFaults } = await import("./open.ts");
  return openFaults(path, scene);
}
