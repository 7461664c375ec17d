// The schema of `runtime`: what a turn of an agent is.
import * as z from "zod/mini";
import { key, keyFacts, requiredKey, wholeNumber, words } from "./key.ts";

/** The built-in defaults of runtimes. */
export const RUNTIME_DEFAULTS = {
  commandInput: "text",
  timeoutSeconds: 600,
  permissions: "ask",
  historyTokens: 8000,
  vision: false,
} as const;

/** Longest wait a timer can hold, in seconds. */
const MAX_SECONDS = 2_147_483;
/** 16 TiB in MiB: more than any machine has. */
const MOST_MEBIBYTES = 16_777_216;

const echoRuntime = z.strictObject({ type: requiredKey(z.literal("echo"), "answers `You said: TEXT`") });

const timeoutSeconds = (description: string) =>
  key(z.number().check(z.positive(), z.maximum(MAX_SECONDS)), description, {
    default: RUNTIME_DEFAULTS.timeoutSeconds,
  });

const memoryMb = (whose: string) =>
  key(wholeNumber(1, MOST_MEBIBYTES), `most memory, in MiB, of ${whose}; what takes more is ended`, {
    defaultText: "no limit",
  });

const commandRuntime = z.strictObject({
  type: requiredKey(z.literal("command"), "runs a program in the workspace, without a shell, once a turn"),
  command: requiredKey(z.tuple([words()], z.string()), "program and its arguments"),
  input: key(z.enum(["text", "json"]), "what the program reads: the prompt, or the whole turn as JSON", {
    default: RUNTIME_DEFAULTS.commandInput,
  }),
  timeoutSeconds: timeoutSeconds("longest a turn may take, in seconds"),
  memoryMb: memoryMb("the program and all it started"),
});

/** The value of a variable is nobody's to read: most that an agent needs is a key. */
const secretText = z.string();
keyFacts.add(secretText, { description: "its value", secret: true });

const acpRuntime = z.strictObject({
  type: requiredKey(z.literal("acp"), "an agent that speaks the Agent Client Protocol, run as one process"),
  command: requiredKey(z.tuple([words()], z.string()), "program and its arguments"),
  env: key(
    z.record(z.string(), secretText),
    "variables the agent finds beside those of the gateway, by name; the values are secret",
    { default: {}, entryName: "NAME" },
  ),
  permissions: key(
    z.enum(["ask", "allow", "deny"]),
    "what becomes of its questions whether it may do something: the owner is asked in chat, or it always may, or never",
    { default: RUNTIME_DEFAULTS.permissions },
  ),
  mode: key(words(), "id of the mode a session begins in", { defaultText: "the agent's own" }),
  model: key(words(), "id of the model a session begins with", { defaultText: "the agent's own" }),
  timeoutSeconds: timeoutSeconds(
    "longest a turn may take, in seconds, without the time that its questions wait for people",
  ),
  memoryMb: memoryMb("the agent and all it started"),
});

const modelRuntime = z.strictObject({
  type: requiredKey(z.literal("model"), "a chat model behind an OpenAI-compatible API"),
  baseUrl: requiredKey(words(), "where the API is, without `/chat/completions`: `http://127.0.0.1:11434/v1`"),
  apiKey: key(words(), "sent as bearer token", { defaultText: "none is sent", secret: true }),
  model: requiredKey(words(), "name of the model, as the API knows it"),
  system: key(z.string(), "system prompt", { default: "" }),
  historyTokens: key(
    wholeNumber(0),
    "how much of what was said before is given with a message, in tokens (estimated); whole turns, newest first; 0 none",
    { default: RUNTIME_DEFAULTS.historyTokens },
  ),
  vision: key(z.boolean(), "the model sees pictures; without it they are named to it", {
    default: RUNTIME_DEFAULTS.vision,
  }),
  timeoutSeconds: timeoutSeconds("longest a turn may take, in seconds"),
});

/** `runtime`, told apart by its `type`. */
export const runtimeSchema = z.discriminatedUnion("type", [
  echoRuntime,
  commandRuntime,
  acpRuntime,
  modelRuntime,
]);

/** A runtime as written. */
export type WrittenRuntime = z.infer<typeof runtimeSchema>;
