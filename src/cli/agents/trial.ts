// A test turn of an agent at the command line: what is asked, how long it takes, how to log in, what came of it.
import { isLogin, seemsLoggedIn } from "../../control/agents/login.ts";
import { presetOf, type Preset } from "../../control/agents/presets.ts";
import type { Trial, TrialRequest } from "../../gateway/agent-trial.ts";
import { readLoginPlace } from "../../gateway/open-state.ts";
import { GatewayError } from "../../model/errors.ts";
import type { AgentSettings } from "../../model/settings.ts";
import type { Cli, GlobalOptions } from "../cli.ts";
import { oneLine } from "../table.ts";

/** What an agent is asked unless somebody says otherwise. */
export const PROMPT = "This is a test of the connection. Answer with one short sentence; use no tools.";
/** How long a test may take. */
export const TIMEOUT_SECONDS = 120;

/** When a test that takes long first says how to log in, and how often it says that it waits, in ms. */
const FIRST_MS = 3000;
const STILL_MS = 10_000;

/** How an agent is tried. */
export interface TrialOptions extends GlobalOptions {
  readonly json?: boolean | undefined;
  readonly prompt?: string | undefined;
  /** In seconds. */
  readonly timeout?: number | undefined;
}

/** Runs a test turn. `loaded`: instead of what is written. */
export async function runTrial(
  cli: Cli,
  agentId: string,
  options: TrialOptions & { readonly preset: Preset | undefined; readonly loaded?: TrialRequest["config"] },
): Promise<Trial> {
  const { prompt = PROMPT, timeout = TIMEOUT_SECONDS, preset } = options;
  const say = (text: string): void => {
    if (options.json !== true) cli.note(oneLine(text));
  };
  say(`Asking ${agentId}: ${prompt}`);
  const command = preset && `\`${preset.loginCommand}\``;
  const isUnsure = preset !== undefined && !(await seemsLoggedIn(preset, await readLoginPlace()));
  if (isUnsure) say(`I see no login of ${preset.title} on this machine. If the test fails, run ${command}.`);
  const startedAtMs = Date.now();
  const first = setTimeout(() => {
    if (command !== undefined && !isUnsure)
      say(
        `No answer yet. If you have not logged in to ${preset?.title}, stop this with Ctrl-C and run ${command}.`,
      );
  }, FIRST_MS);
  const still = setInterval(() => {
    say(`Still waiting for ${agentId}, ${Math.round((Date.now() - startedAtMs) / 1000)} s so far`);
  }, STILL_MS);
  try {
    const { tryAgent } = await import("../../gateway/agent-trial.ts");
    const asked = { agentId, prompt, timeoutMs: timeout * 1000, version: cli.version };
    return await tryAgent(options, { ...asked, config: options.loaded });
  } finally {
    clearTimeout(first);
    clearInterval(still);
  }
}

/** Says what came of a test. Contract: throws for one that failed; with `--json` it sets the exit code instead. */
export function conclude(
  cli: Cli,
  agentId: string,
  told: {
    readonly trial: Trial;
    readonly json: boolean | undefined;
    readonly preset: Preset | undefined;
    /** What to do after a failure. */
    readonly hint: string;
  },
): void {
  const { trial, json, preset, hint } = told;
  if (!trial.ok) {
    if (json === true) return cli.exitWith(1);
    const login = preset !== undefined && mayBeLogin(trial) ? `${preset.login} ` : "";
    throw new GatewayError(trial.code, `${agentId} did not answer: ${trial.reason}`, {
      hint: `${login}${hint}`,
    });
  }
  if (json === true) return;
  cli.print(trial.answer.trim() || "(it ended without a word)");
  for (const asked of trial.denied)
    cli.note(oneLine(`It asked for permission, which a test denies: ${asked}`));
  cli.note(oneLine(`${agentId} answered in ${(trial.durationMs / 1000).toFixed(1)} s.`));
}

/** Agents that nobody is logged in to mostly say so; some only keep silent. */
function mayBeLogin({ code, reason }: Extract<Trial, { ok: false }>): boolean {
  return code === "agent/timeout" || isLogin(reason);
}

/** The preset of an agent of the configuration. */
export function presetOfAgent(agent: AgentSettings | undefined): Preset | undefined {
  return agent?.runtime.type === "acp" ? presetOf(agent.runtime.command) : undefined;
}
