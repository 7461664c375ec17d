// Answers to agents that hold from now on, as a person takes them back.
import { GatewayError } from "../../model/errors.ts";
import { asId, type AgentId } from "../../model/ids.ts";
import type { Store } from "../../model/store.ts";
import { escapeLine } from "../../model/plain-line.ts";

/** Forgets such an answer; `tool` may be written as lists show it, with line ends of a command as `\\n`. Throws `approval/unknown`. */
export async function forgetStanding(store: Store, agentId: string, tool: string): Promise<void> {
  const agent = asId<AgentId>(agentId);
  if (await store.approvals.forget(agent, tool)) return;
  const shown = (await store.approvals.allStanding()).find(
    (one) => one.agentId === agent && escapeLine(one.tool) === tool,
  );
  if (shown && (await store.approvals.forget(agent, shown.tool))) return;
  throw new GatewayError(
    "approval/unknown",
    `Nothing was decided once for all for ${tool} of agent ${agentId}.`,
    {
      hint: "See `coderclaw approvals standing`.",
    },
  );
}
