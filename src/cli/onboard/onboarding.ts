// What every step of the onboarding is given, and how each one ends.
import { openConfig, openConfigFile } from "../../gateway/open-state.ts";
import type { Cli, GlobalOptions } from "../cli.ts";
import type { Interview } from "./interview.ts";

/** Answers given on the command line. */
export interface OnboardOptions extends GlobalOptions {
  /** `this`, `none`, or `ssh://…`. */
  readonly mac?: string;
  readonly owner?: string;
  readonly self?: readonly string[];
  /** A preset, or `none`. */
  readonly agent?: string;
  readonly workspace?: string;
  readonly try?: boolean;
  readonly service?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** One run of it. */
export interface Onboarding {
  readonly cli: Cli;
  readonly interview: Interview;
  readonly options: OnboardOptions;
}

/** How a step ended: the exit code of the whole tells whether every one is `done` or `skipped` on purpose. */
export interface StepResult {
  readonly step: string;
  readonly state: "done" | "skipped" | "failed";
  readonly detail: string;
}

/** The configuration as it is now. */
export async function currentConfig({ options }: Onboarding): ReturnType<typeof openConfig> {
  return openConfig(options);
}

/** Writes one key, comments kept; a value that is there already changes nothing. */
export async function writeKey({ options }: Onboarding, path: string, value: unknown): Promise<void> {
  const { setConfig } = await openConfigFile();
  await setConfig(path, JSON.stringify(value), { configPath: options.config });
}

/** A command line whose words are shown within the interview. */
export function cliWithin({ cli, interview }: Onboarding): Cli {
  const say = (text: string): void => interview.say(text);
  return { ...cli, print: say, note: say };
}
