// Answers to agents that hold from now on, as a person takes them back.
import { GatewayError } from "../../model/errors.ts";
import type { Store } from "../../model/store.ts";

/** Forgets a standing approval by its number in the list. Throws `approval/unknown`. */
export async function forgetStanding(store: Store, id: number): Promise<void> {
  if (await store.approvals.forget(id)) return;
  throw new GatewayError("approval/unknown", `There is no standing approval "${id}".`, {
    hint: "Run `coderclaw approvals standing` to list them with their numbers.",
  });
}
