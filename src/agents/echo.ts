// The agent that answers with what it was told; it needs nothing and always works.
import type { TakenFile } from "../model/media.ts";
import { writtenText } from "../model/message-text.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { AgentRequest } from "../model/turn.ts";

/** Makes the echo agent. */
export function createEchoRuntime(): AgentRuntime {
  return {
    output: "plain",
    remembers: false,
    async *run(request, signal) {
      if (!signal.aborted) yield { kind: "text", text: `You said: ${said(request)}` };
    },
    async offers() {
      return undefined;
    },
    async close() {},
  };
}

/** What people wrote, without the marks that a prompt has around it; the files where they wrote nothing, or the prompt that names them. */
function said({ turn, files, prompt }: AgentRequest): string {
  const texts = turn.messages.map(({ message }) => writtenText(message)).filter((text) => text !== "");
  if (texts.length > 0) return texts.join("\n");
  const named = turn.messages.flatMap(({ entryId }) => files.get(entryId) ?? []).map(nameOf);
  return named.length === 0 ? prompt : named.join("\n");
}

/** Nothing of it is for the gateway's owner alone: no path of this machine, no reason. */
function nameOf(file: TakenFile): string {
  if (file.kind === "missing") return `[a file that did not arrive: ${file.name}]`;
  return `[a file: ${file.name}, ${file.mimeType}, ${file.bytes} bytes]`;
}
