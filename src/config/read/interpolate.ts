// `${NAME}` in config strings: takes environment variables and remembers which values are secret because of it.
import { renderPath, type ConfigPath } from "./path.ts";
import type { Fault } from "./problem.ts";

/** A config value with its variables put in. */
export interface Interpolated {
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** Rendered paths of the strings that hold an environment value. */
  readonly secretPaths: ReadonlySet<string>;
  /** Variables that were used, with their values: part of what the configuration is. */
  readonly variables: ReadonlyMap<string, string>;
}

/** `$${NAME}` stands for the text `${NAME}` itself. */
const VARIABLE = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Puts variables into every string of a JSON value; keys are left as they are. */
export function interpolate(config: unknown, variable: (name: string) => string | undefined): Interpolated {
  const faults: Fault[] = [];
  const secretPaths = new Set<string>();
  const variables = new Map<string, string>();

  const inText = (text: string, path: ConfigPath) =>
    text.replace(VARIABLE, (whole: string, escape: string, name: string) => {
      if (escape !== "") return whole.slice(1);
      const found = variable(name);
      if (found === undefined) {
        faults.push(missing(path, name));
        return whole;
      }
      secretPaths.add(renderPath(path));
      variables.set(name, found);
      return found;
    });

  const inValue = (value: unknown, path: ConfigPath): unknown => {
    if (typeof value === "string") return inText(value, path);
    if (Array.isArray(value)) return value.map((item, index) => inValue(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, item]) => [name, inValue(item, [...path, name])]));
  };

  return { value: inValue(config, []), faults, secretPaths, variables };
}

function missing(path: ConfigPath, name: string): Fault {
  return {
    path,
    message: `${renderPath(path)} needs the environment variable ${name}, which is not set`,
    hint: `Set ${name} in the environment of the gateway, or write $\${${name}} if the text itself is meant.`,
  };
}
