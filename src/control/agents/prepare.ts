// Makes the config's entry for an agent of a preset: what it needs is looked for on this machine first, and named where it is missing.
import { randomBytes } from "node:crypto";
import { access, constants } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { AgentEntry } from "../../config/edit/agent-entries.ts";
import { getJson } from "../../lib/get-json.ts";
import type { Proxies } from "../../lib/proxy.ts";
import { GatewayError } from "../../model/errors.ts";
import { withoutEnd } from "../../model/text-ends.ts";
import { findPreset, PRESETS, type Preset, type PresetRuntime } from "./presets.ts";

/** How long a model's API may take to say which models it has. */
const LIST_MS = 5000;
const SECRET_BYTES = 24;
/** What `/agent` is told to give the choice back. */
const UNPIN = "default";

/** What was said on the command line. */
export interface AgentWishes {
  readonly id: string | undefined;
  readonly workspace: string | undefined;
  readonly model: string | undefined;
  readonly baseUrl: string | undefined;
  readonly permissions: string | undefined;
}

/** Where agents are looked for. */
export interface Machine {
  /** Folders of programs, in order. */
  readonly searchPath: readonly string[];
  /** What a model's API is asked through. */
  readonly proxies: Proxies;
}

/** An agent ready to be written. */
export interface PreparedAgent {
  readonly preset: Preset;
  readonly entry: AgentEntry;
}

/**
 * Prepares an agent. Programs are named by their absolute path: a gateway that runs as a service has a shorter PATH than a shell.
 *
 * Contract: rejects with `cli/usage` for a name that is no preset or a wish it cannot have, `agent/not-found` with the way to install
 * what is missing; nothing is changed.
 */
export async function prepareAgent(
  name: string,
  wishes: AgentWishes,
  machine: Machine,
): Promise<PreparedAgent> {
  const preset = findPreset(name);
  if (preset === undefined)
    throw new GatewayError("cli/usage", `${JSON.stringify(name)} is not an agent that can be added by name`, {
      hint: `Use one of ${PRESETS.map((one) => one.name).join(", ")}; any other one is written into the config, see docs/agents.md.`,
    });
  const { workspace } = wishes;
  const id = wishes.id ?? preset.name;
  if (!/^[a-z0-9][a-z0-9_-]*$/u.test(id) || id === UNPIN)
    throw new GatewayError("cli/usage", `${JSON.stringify(id)} cannot be the id of an agent`, {
      hint: "Use a-z, 0-9, `_` and `-`, a letter or digit first; `default` has a meaning of its own in chat.",
    });
  const runtime = await prepareRuntime(preset, wishes, machine);
  return {
    preset,
    entry: { id, name: preset.title, runtime, ...(workspace !== undefined && { workspace }) },
  };
}

/** The entry as it may be shown: the values of an agent's variables are nobody's to read. */
export function withoutSecrets(entry: AgentEntry): AgentEntry {
  const { runtime, ...rest } = entry as AgentEntry & { readonly runtime: { readonly env?: object } };
  const env = Object.fromEntries(Object.keys(runtime.env ?? {}).map((name) => [name, "••••"]));
  return { ...rest, runtime: { ...runtime, ...(runtime.env && { env }) } };
}

async function prepareRuntime(
  preset: Preset,
  wishes: AgentWishes,
  { searchPath, proxies }: Machine,
): Promise<Record<string, unknown>> {
  const { runtime } = preset;
  if (runtime.kind === "model") return prepareModel(preset, runtime, { wishes, proxies });
  refuseWish(preset, "--base-url", wishes.baseUrl);
  const path = await requireProgram(runtime.program, preset.install, { preset, searchPath });
  for (const { program, install } of runtime.needs)
    await requireProgram(program, install, { preset, searchPath });
  const permissions = wishes.permissions ?? "ask";
  const mode = permissions === "ask" ? runtime.askingMode : undefined;
  const env = {
    ...(permissions === "ask" && runtime.askingEnv),
    ...Object.fromEntries(runtime.secrets.map((one) => [one, newSecret()])),
  };
  return {
    type: "acp",
    command: [path, ...runtime.args],
    ...(Object.keys(env).length > 0 && { env }),
    permissions,
    ...(mode !== undefined && { mode }),
    ...(wishes.model !== undefined && { model: wishes.model }),
  };
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

async function requireProgram(
  program: string,
  install: string,
  { preset, searchPath }: { readonly preset: Preset; readonly searchPath: readonly string[] },
): Promise<string> {
  const path = await findProgram(program, searchPath);
  if (path !== undefined) return path;
  const how = install.startsWith("see ") ? `Install it (${install})` : `Install it with \`${install}\``;
  throw new GatewayError("agent/not-found", `${preset.title} needs ${program}, which is not on PATH`, {
    hint: `${how}, then run this again.`,
  });
}

/** The absolute path of a program; undefined when no folder of the search path has one that may be executed. */
export async function findProgram(
  program: string,
  searchPath: readonly string[],
): Promise<string | undefined> {
  const places = program.includes("/") ? [program] : searchPath.map((folder) => join(folder, program));
  for (const path of places.filter((one) => isAbsolute(one)))
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  return undefined;
}

async function prepareModel(
  preset: Preset,
  runtime: Extract<PresetRuntime, { kind: "model" }>,
  { wishes, proxies }: { readonly wishes: AgentWishes; readonly proxies: Proxies },
): Promise<Record<string, unknown>> {
  refuseWish(preset, "--permissions", wishes.permissions);
  const baseUrl = withoutEnd(wishes.baseUrl ?? runtime.baseUrl, "/");
  const models = await listModels(preset, baseUrl, proxies);
  const model = wishes.model ?? models[0];
  if (model === undefined)
    throw new GatewayError("agent/not-found", `${preset.title} at ${baseUrl} has no models`, {
      hint: `Get one with \`${runtime.getModel}\`, then run this again.`,
    });
  if (!models.includes(model))
    throw new GatewayError("agent/not-found", `${preset.title} at ${baseUrl} has no model ${model}`, {
      hint: `Use one of ${models.slice(0, 10).join(", ") || "none"}, or get it with \`${runtime.getModel}\`.`,
    });
  return { type: "model", baseUrl, model };
}

async function listModels(preset: Preset, baseUrl: string, proxies: Proxies): Promise<readonly string[]> {
  try {
    const body = await getJson(new URL(`${baseUrl}/models`), proxies, LIST_MS);
    const { data } = body as { readonly data?: readonly { readonly id?: unknown }[] };
    return (data ?? []).flatMap(({ id }) => (typeof id === "string" ? [id] : []));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError("agent/not-found", `${preset.title} does not answer at ${baseUrl}: ${why}`, {
      hint: `${preset.login} If it is not installed, ${preset.install}. Another address goes with --base-url.`,
      cause,
    });
  }
}

function refuseWish(preset: Preset, option: string, value: string | undefined): void {
  if (value === undefined) return;
  throw new GatewayError("cli/usage", `${option} says nothing to ${preset.title}`, {
    hint: `Leave ${option} out.`,
  });
}
