// Step 4, "Who answers?": the agents of this machine, one chosen, its folder, and a real test turn.
import { resolve } from "node:path";
import { findProgram } from "../../control/agents/prepare.ts";
import { PRESETS, type Preset } from "../../control/agents/presets.ts";
import { readSearchPath } from "../../gateway/open-state.ts";
import { toGatewayError } from "../../model/errors.ts";
import { addAgent, adoptAgent } from "../agents.ts";
import { runToEnd } from "../demo/programs.ts";
import { oneLine } from "../table.ts";
import { cliWithin, currentConfig, type Onboarding, type StepResult } from "./onboarding.ts";

const STEP = "agent";
const VERSION_MS = 5000;
const OLLAMA_MS = 500;

interface Found {
  readonly preset: Preset;
  /** Its version, as it says it; undefined: it is not on this machine. */
  readonly version: string | undefined;
}

/** Finds agents, asks for one, and adds it; after a failed test turn another may be chosen. */
export async function chooseAgent(onboarding: Onboarding): Promise<StepResult> {
  const { interview, options } = onboarding;
  interview.step("Who answers?");
  const present = await currentAgent(onboarding);
  const found = await interview.working("Looking for agents on this machine", findAgents);
  let { agent: answered } = options;
  for (;;) {
    const name = await interview.choose<string>({
      message: "Which agent answers your texts?",
      option: "--agent <name>",
      answered,
      initial:
        present === undefined
          ? (found.find(({ version }) => version !== undefined)?.preset.name ?? "none")
          : "keep",
      choices: [
        ...(present === undefined ? [] : [{ value: "keep", label: "The one in the config", hint: present }]),
        ...found
          .toSorted((one, other) => Number(other.version !== undefined) - Number(one.version !== undefined))
          .map(({ preset, version }) => ({
            value: preset.name,
            label: preset.title,
            hint: version ?? `not installed: ${preset.install}`,
          })),
        { value: "none", label: "An echo for now", hint: "it repeats what you write" },
      ],
    });
    if (name === "keep") return { step: STEP, state: "done", detail: present ?? "kept" };
    if (name === "none") return { step: STEP, state: "skipped", detail: "an echo answers" };
    try {
      return await add(onboarding, name);
    } catch (thrown) {
      const { message, hint, code } = toGatewayError(thrown);
      if (code === "cli/cancelled" || !interview.isInteractive) throw thrown;
      interview.say(`${oneLine(message)}\n${oneLine(hint)}`);
      answered = undefined;
    }
  }
}

async function add(onboarding: Onboarding, name: string): Promise<StepResult> {
  const { interview, options } = onboarding;
  const workspace = await interview.text({
    message: "Which folder does it work in?",
    placeholder: "~/code/shop",
    initial: process.cwd(),
    option: "--workspace <folder>",
    answered: options.workspace,
    check: (text) => (text.trim() === "" ? "name a folder" : undefined),
  });
  const folder = workspace.startsWith("~") ? workspace : resolve(workspace);
  const { settings } = await currentConfig(onboarding);
  if (settings.defaultAgentId === name) return { step: STEP, state: "done", detail: `${name} in ${folder}` };
  if (settings.agents.some(({ id }) => id === name))
    await adoptAgent(cliWithin(onboarding), name, { config: options.config });
  else
    await addAgent(cliWithin(onboarding), name, {
      config: options.config,
      workspace: folder,
      default: true,
      test: true,
    });
  return { step: STEP, state: "done", detail: `${name} in ${folder}` };
}

/** The agent that answers by default, unless it is only the echo. */
async function currentAgent(onboarding: Onboarding): Promise<string | undefined> {
  const { settings } = await currentConfig(onboarding);
  const agent = settings.agents.find(({ id }) => id === settings.defaultAgentId);
  return agent === undefined || agent.runtime.type === "echo" ? undefined : agent.name;
}

async function findAgents(): Promise<readonly Found[]> {
  const searchPath = await readSearchPath();
  return Promise.all(
    PRESETS.map(async (preset) => ({ preset, version: await versionOf(preset, searchPath) })),
  );
}

async function versionOf({ runtime }: Preset, searchPath: readonly string[]): Promise<string | undefined> {
  if (runtime.kind === "model")
    return fetch(`${runtime.baseUrl}/models`, { signal: AbortSignal.timeout(OLLAMA_MS) }).then(
      ({ ok }) => (ok ? "running" : undefined),
      () => undefined,
    );
  const path = await findProgram(runtime.program, searchPath);
  if (path === undefined) return undefined;
  const { code, stdout } = await runToEnd(path, ["--version"], AbortSignal.timeout(VERSION_MS)).catch(() => ({
    code: -1,
    stdout: "",
  }));
  const version = /\d+\.\d+(?:\.\d+)?/u.exec(stdout.slice(0, 1000))?.[0];
  return code === 0 && version !== undefined ? `version ${version}` : "installed";
}
