// The config file as it is written: its text as a value, with and without variables, whether it is valid or not.
import { readEnvironment } from "../env.ts";
import { interpolate } from "./interpolate.ts";
import type { LoadOptions } from "./load.ts";
import { parseText } from "./parse.ts";
import { findPlaces, type Places } from "../places.ts";
import { configError } from "./problem.ts";

/** A text that is JSON5. */
export interface Content {
  /** As written. */
  readonly written: unknown;
  /** With variables put in, as far as they are set. */
  readonly value: unknown;
  /** Rendered paths of the strings that hold a variable. */
  readonly secretPaths: ReadonlySet<string>;
  /** A key is written twice: `written` holds the first value only. */
  readonly isAmbiguous: boolean;
}

/** Reads a text. Throws `config/invalid` when it is no JSON5. */
export function contentOf(file: string, text: string, options: LoadOptions): Content {
  const parsed = parseText(text);
  if ("message" in parsed) throw configError(file, [parsed]);
  const environment = options.environment ?? readEnvironment();
  return {
    ...interpolate(parsed.value, environment.variable),
    written: parsed.value,
    isAmbiguous: parsed.faults.length > 0,
  };
}

/** The places that the options name. */
export function placesOf(options: LoadOptions): Places {
  return findPlaces(options.configPath, options.environment);
}
