// The agent that answers with what it was told; it needs nothing and always works.
import type { AgentRuntime } from "../model/ports.ts";

/** Makes the echo agent. */
export function createEchoRuntime(): AgentRuntime {
  return {
    output: "plain",
    async *run({ prompt }, signal) {
      if (!signal.aborted) yield { kind: "text", text: `You said: ${prompt}` };
    },
    async close() {},
  };
}
