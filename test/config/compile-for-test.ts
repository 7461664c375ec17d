// The compiler as unit tests call it: a config as a value or text, a state folder and variables of their own.
import { loadPatternEngine } from "../../src/model/mention-pattern.ts";
import type { Settings } from "../../src/model/settings.ts";
import { compileConfigNow, type Compiled } from "../../src/config/read/compile.ts";
import { readEnvironment } from "../../src/config/env.ts";
import { findPlaces } from "../../src/config/places.ts";
import type { ConfigProblem } from "../../src/config/read/problem.ts";

// Tables of configs are read at once.
await loadPatternEngine();

/** Environment variables of a test. */
export type Variables = Record<string, string>;

/** Compiles as if the file were /etc/claw/coderclaw.json and the state folder /state. */
export function compile(config: unknown, variables: Variables = {}): Compiled {
  const environment = readEnvironment({ CODERCLAW_STATE_DIR: "/state", ...variables });
  const text = typeof config === "string" ? config : JSON.stringify(config);
  return compileConfigNow(text, findPlaces("/etc/claw/coderclaw.json", environment), environment);
}

/** The settings of a config that must be valid. */
export function settings(config: unknown, variables?: Variables): Settings {
  const compiled = compile(config, variables);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.settings;
}

/** The problems of a config; none when it is valid. */
export function problems(config: unknown, variables?: Variables): readonly ConfigProblem[] {
  const compiled = compile(config, variables);
  return compiled.ok ? [] : compiled.problems;
}

/** A config with this `channels.imessage`. */
export function imessage(section: unknown): { readonly channels: { readonly imessage: unknown } } {
  return { channels: { imessage: section } };
}
