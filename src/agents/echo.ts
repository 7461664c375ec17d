// The agent that answers with what it was told; it needs nothing and always works.
import type { InboundMessage } from "../model/message.ts";
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
  const texts = turn.messages.map(({ message }) => textOf(message)).filter((text) => text !== "");
  return texts.length === 0 ? prompt : texts.join("\n");
}

/** A place that U+FFFC holds in a text is a file's. */
function textOf({ text, attachments }: InboundMessage): string {
  return attachments.length === 0 ? text : text.replaceAll("\uFFFC", "").trim();
}
