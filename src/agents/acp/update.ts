// What an agent tells while it works, reduced to what the gateway has a use for.
import type { OfferedCommand } from "../../model/agent-session.ts";
import { readAnswerFile, type AnswerFile } from "./answer-file.ts";
import { fieldsOf, itemsOf, textOf } from "./loose.ts";

/** One update of a session. Thoughts, plans and the output of tools have no content here: they cannot come out by mistake. */
export type Update =
  | { readonly kind: "text"; readonly text: string; readonly messageId: string | undefined }
  | { readonly kind: "file"; readonly file: AnswerFile }
  /** What a person wrote is repeated. */
  | { readonly kind: "person" }
  /** A sign of life. */
  | { readonly kind: "other" }
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

/** Reads the parameters of a `session/update`; undefined: they are none. */
export function parseUpdate(
  params: unknown,
): { readonly sessionId: string; readonly update: Update } | undefined {
  const { sessionId, update } = fieldsOf(params);
  if (typeof sessionId !== "string") return undefined;
  return { sessionId, update: parse(fieldsOf(update)) ?? { kind: "other" } };
}

function parse(update: Readonly<Record<string, unknown>>): Update | undefined {
  switch (update["sessionUpdate"]) {
    case "agent_message_chunk": {
      const { type, text } = fieldsOf(update["content"]);
      if (type === "text" && typeof text === "string")
        return { kind: "text", text, messageId: textOf(update["messageId"]) };
      const file = readAnswerFile(update["content"]);
      return file && { kind: "file", file };
    }
    case "user_message_chunk":
      return { kind: "person" };
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
