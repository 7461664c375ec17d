// What an agent tells while it works, reduced to what the gateway has a use for.
import type { OfferedCommand } from "../../model/agent-session.ts";
import { fieldsOf, itemsOf, textOf } from "./loose.ts";

/** One update of a session. Thoughts, plans and the output of tools have no kind here: they cannot come out by mistake. */
export type Update =
  | { readonly kind: "text"; readonly text: string; readonly messageId: string | undefined }
  /** A tool call began or changed; `fields` are those it tells, as they came. */
  | {
      readonly kind: "tool";
      readonly isNew: boolean;
      readonly id: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "mode"; readonly id: string }
  /** All configuration options, as they came. */
  | { readonly kind: "options"; readonly options: unknown }
  | { readonly kind: "commands"; readonly commands: readonly OfferedCommand[] };

/** Reads the parameters of a `session/update`; undefined: nothing for us. */
export function parseUpdate(
  params: unknown,
): { readonly sessionId: string; readonly update: Update } | undefined {
  const { sessionId, update } = fieldsOf(params);
  const read = parse(fieldsOf(update));
  return typeof sessionId === "string" && read !== undefined ? { sessionId, update: read } : undefined;
}

function parse(update: Readonly<Record<string, unknown>>): Update | undefined {
  switch (update["sessionUpdate"]) {
    case "agent_message_chunk": {
      const { type, text } = fieldsOf(update["content"]);
      if (type !== "text" || typeof text !== "string") return undefined;
      return { kind: "text", text, messageId: textOf(update["messageId"]) };
    }
    case "tool_call":
    case "tool_call_update": {
      const id = textOf(update["toolCallId"]);
      return id === undefined
        ? undefined
        : { kind: "tool", isNew: update["sessionUpdate"] === "tool_call", id, fields: update };
    }
    case "current_mode_update": {
      const id = textOf(update["currentModeId"]);
      return id === undefined ? undefined : { kind: "mode", id };
    }
    case "config_option_update":
      return { kind: "options", options: update["configOptions"] };
    case "available_commands_update":
      return {
        kind: "commands",
        commands: itemsOf(update["availableCommands"]).map(fieldsOf).flatMap(readCommand),
      };
    default:
      return undefined;
  }
}

function readCommand({ name, description }: Readonly<Record<string, unknown>>): OfferedCommand[] {
  const known = textOf(name);
  return known === undefined ? [] : [{ name: known, description: textOf(description) ?? "" }];
}
