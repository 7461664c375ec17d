// The agent that answers with what it was told; it needs nothing and always works.
import { writtenText } from "../model/message-text.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { AgentRequest } from "../model/turn.ts";

/** Makes the echo agent. */
export function createEchoRuntime(): AgentRuntime {
  return {
    output: "plain",
    async *run(request, signal) {
      if (!signal.aborted) yield { kind: "text", text: `You said: ${said(request)}` };
    },
    async close() {},
  };
}

/** What people wrote, without the marks that a prompt has around it; the prompt where they wrote nothing, such as a file alone. */
function said({ turn, prompt }: AgentRequest): string {
  const texts = turn.messages.map(({ message }) => writtenText(message)).filter((text) => text !== "");
  return texts.length === 0 ? prompt : texts.join("\n");
}
