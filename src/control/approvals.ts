// Answers to agents that hold from now on, as a person takes them back.
import { GatewayError } from "../model/errors.ts";
import { asId, type AgentId } from "../model/ids.ts";
import type { Store } from "../model/store.ts";

/** Forgets such an answer. Throws `approval/unknown`. */
export async function forgetStanding(store: Store, agentId: string, tool: string): Promise<void> {
  if (await store.permissions.forget(asId<AgentId>(agentId), tool)) return;
  throw new GatewayError(
    "approval/unknown",
    `Nothing was decided once for all for ${tool} of agent ${agentId}.`,
    {
      hint: "See `coderclaw approvals standing`.",
    },
  );
}
