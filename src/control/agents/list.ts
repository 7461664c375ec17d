// The agents of the configuration as lists show them.
import { resolve } from "node:path";
import type { AgentSettings, RuntimeSettings, Settings } from "../../model/settings.ts";
import { findProgram } from "./prepare.ts";

/** One agent. */
export interface ListedAgent {
  readonly id: string;
  readonly name: string;
  readonly runtime: RuntimeSettings["type"];
  /** The program, or the model and where it is; empty for an agent that needs nothing. */
  readonly runs: string;
  readonly workspace: string;
  /** It answers what no binding, group or choice in chat gives to another one. */
  readonly isDefault: boolean;
  /** False: its program is not on this machine. A model is not asked for. */
  readonly isThere: boolean;
}

/** Lists the agents, in the order of the configuration. */
export async function listAgents(
  settings: Settings,
  searchPath: readonly string[],
): Promise<readonly ListedAgent[]> {
  return Promise.all(
    settings.agents.map(async (agent) => ({
      id: agent.id,
      name: agent.name,
      runtime: agent.runtime.type,
      runs: describe(agent.runtime),
      workspace: agent.workspace,
      isDefault: agent.id === settings.defaultAgentId,
      isThere: await isThere(agent, searchPath),
    })),
  );
}

function describe(runtime: RuntimeSettings): string {
  switch (runtime.type) {
    case "echo":
      return "";
    case "model":
      return `${runtime.model} at ${runtime.baseUrl}`;
    default:
      return runtime.command.join(" ");
  }
}

async function isThere(
  { runtime, workspace }: AgentSettings,
  searchPath: readonly string[],
): Promise<boolean> {
  if (runtime.type === "echo" || runtime.type === "model") return true;
  const [program] = runtime.command;
  // A name with a slash is read from where the program is started.
  const path = program.includes("/") ? resolve(workspace, program) : program;
  return (await findProgram(path, searchPath)) !== undefined;
}
