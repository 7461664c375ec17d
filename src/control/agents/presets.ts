// The agents that can be added by name: the program each needs, where it comes from, how one logs in, what the config says of it.

/** How an agent of a preset is reached. */
export type PresetRuntime =
  | {
      readonly kind: "program";
      /** Looked up on PATH. */
      readonly program: string;
      readonly args: readonly string[];
      /** Other programs that it starts itself, each with the command that installs it. */
      readonly needs: readonly { readonly program: string; readonly install: string }[];
      /** The mode in which it asks before it acts, where its own default is another one. */
      readonly askingMode: string | undefined;
      /** Variables by which it asks before it acts, where it would not by itself. */
      readonly askingEnv: Readonly<Record<string, string>>;
      /** Variables that are each given a secret of its own: they close doors that the program opens beside ACP. */
      readonly secrets: readonly string[];
    }
  | {
      readonly kind: "model";
      readonly baseUrl: string;
      /** What gets a model, such as `ollama pull NAME`. */
      readonly getModel: string;
    };

/** One agent that can be added by name. */
export interface Preset {
  /** Also the agent's id, unless another is given. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** The command, or the page, that installs it. */
  readonly install: string;
  /** How one logs in, on the machine of the gateway. */
  readonly login: string;
  readonly runtime: PresetRuntime;
}

/** Every preset, by name. Programs and options are those of the agents' own published packages. */
export const PRESETS: readonly Preset[] = [
  {
    name: "claude",
    title: "Claude Code",
    install: "npm install -g @agentclientprotocol/claude-agent-acp",
    login: "Run `claude` once and log in, or set ANTHROPIC_API_KEY where the gateway is started.",
    runtime: program("claude-agent-acp", [], { askingMode: "default" }),
  },
  {
    name: "codex",
    title: "Codex",
    install: "npm install -g @agentclientprotocol/codex-acp",
    login:
      "Run `codex login` once (npm install -g @openai/codex), or set OPENAI_API_KEY where the gateway is started.",
    runtime: program("codex-acp", []),
  },
  {
    name: "gemini",
    title: "Gemini CLI",
    install: "npm install -g @google/gemini-cli",
    login: "Run `gemini` once and log in, or set GEMINI_API_KEY where the gateway is started.",
    runtime: program("gemini", ["--acp"]),
  },
  {
    name: "opencode",
    title: "OpenCode",
    install: "npm install -g opencode-ai",
    login: "Run `opencode auth login` once.",
    // It serves its sessions over HTTP as well, and wants no password there unless it is given one.
    runtime: program("opencode", ["acp"], {
      secrets: ["OPENCODE_SERVER_PASSWORD"],
      askingEnv: { OPENCODE_PERMISSION: '{"edit":"ask","bash":"ask","webfetch":"ask"}' },
    }),
  },
  {
    name: "goose",
    title: "Goose",
    install: "see https://goose-docs.ai/docs/getting-started/installation",
    login: "Run `goose configure` once.",
    runtime: program("goose", ["acp"], { askingEnv: { GOOSE_MODE: "approve" } }),
  },
  {
    name: "pi",
    title: "pi",
    install: "npm install -g pi-acp",
    login: "Run `pi` once and log in with /login.",
    runtime: program("pi-acp", [], {
      needs: [{ program: "pi", install: "npm install -g @earendil-works/pi-coding-agent" }],
    }),
  },
  {
    name: "ollama",
    title: "Ollama",
    install: "see https://ollama.com/download",
    login: "Start it with `ollama serve`.",
    runtime: { kind: "model", baseUrl: "http://127.0.0.1:11434/v1", getModel: "ollama pull NAME" },
  },
];

function program(
  name: string,
  args: readonly string[],
  more: Partial<
    Pick<Extract<PresetRuntime, { kind: "program" }>, "needs" | "askingMode" | "askingEnv" | "secrets">
  > = {},
): PresetRuntime {
  return {
    kind: "program",
    program: name,
    args,
    needs: [],
    askingMode: undefined,
    askingEnv: {},
    secrets: [],
    ...more,
  };
}

/** The preset of a name, in any case. */
export function findPreset(name: string): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name.toLowerCase());
}
