// The process environment: the only place that reads it, and the names the product gives a meaning to.

/** What the environment says to this product. */
export interface Environment {
  /** `CODERCLAW_STATE_DIR`. */
  readonly stateDir: string | undefined;
  /** `CODERCLAW_CONFIG_PATH`. */
  readonly configPath: string | undefined;
  /** `CODERCLAW_GATEWAY_PORT`, as written; over `gateway.port`. */
  readonly gatewayPort: string | undefined;
  /** `CODERCLAW_GATEWAY_TOKEN`; over `gateway.token`. */
  readonly gatewayToken: string | undefined;
  /** There is a screen at which the person sits who typed the command. */
  readonly hasScreen: boolean;
  /** Folders programs are looked up in, in order. */
  readonly searchPath: readonly string[];
  /** A variable by its name; undefined when it is not set (set but empty gives ""). */
  readonly variable: (name: string) => string | undefined;
}

/** Reads the environment as it is now; tests hand over their own variables. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  return {
    stateDir: nonEmpty(variables["CODERCLAW_STATE_DIR"]),
    configPath: nonEmpty(variables["CODERCLAW_CONFIG_PATH"]),
    gatewayPort: nonEmpty(variables["CODERCLAW_GATEWAY_PORT"]),
    gatewayToken: nonEmpty(variables["CODERCLAW_GATEWAY_TOKEN"]),
    hasScreen: hasScreen(variables),
    searchPath: (variables["PATH"] ?? "").split(":").filter((folder) => folder !== ""),
    variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
  };
}

/** Every variable, for a child that inherits them. Contract: a copy; changing it changes nothing here. */
export function inheritedEnvironment(): Record<string, string> {
  const copy: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) copy[name] = value;
  return copy;
}

/** A Mac always has one, unless the person came by SSH; elsewhere a display is named. */
function hasScreen(variables: NodeJS.ProcessEnv): boolean {
  const isFromAfar = ["SSH_CONNECTION", "SSH_TTY"].some((name) => nonEmpty(variables[name]) !== undefined);
  const hasDisplay = ["DISPLAY", "WAYLAND_DISPLAY"].some((name) => nonEmpty(variables[name]) !== undefined);
  return !isFromAfar && (process.platform === "darwin" || hasDisplay);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
