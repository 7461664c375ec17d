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
  /** The command that does it. */
  readonly loginCommand: string;
  /** What is there once somebody has logged in: files (`~` is the home), or variables of the environment. Any of them will do. */
  readonly signs: { readonly files: readonly string[]; readonly variables: readonly string[] };
  readonly runtime: PresetRuntime;
}

/** Keys by which agents for many models are let in. */
const MODEL_KEYS = [
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "OPENROUTER_API_KEY",
  "GEMINI_API_KEY",
  "GOOGLE_API_KEY",
  "GROQ_API_KEY",
  "MISTRAL_API_KEY",
  "DEEPSEEK_API_KEY",
  "XAI_API_KEY",
];

/** Every preset, by name. Programs and options are those of the agents' own published packages. */
export const PRESETS: readonly Preset[] = [
  {
    name: "claude",
    title: "Claude Code",
    install: "npm install -g @agentclientprotocol/claude-agent-acp",
    login: "Run `claude /login`, or set ANTHROPIC_API_KEY where the gateway is started.",
    loginCommand: "claude /login",
    signs: {
      files: ["~/.claude/.credentials.json", "~/.claude.json"],
      variables: [
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CODE_USE_BEDROCK",
        "CLAUDE_CODE_USE_VERTEX",
      ],
    },
    runtime: program("claude-agent-acp", [], { askingMode: "default" }),
  },
  {
    name: "codex",
    title: "Codex",
    install: "npm install -g @agentclientprotocol/codex-acp",
    login:
      "Run `codex login` (npm install -g @openai/codex), or set OPENAI_API_KEY where the gateway is started.",
    loginCommand: "codex login",
    signs: { files: ["~/.codex/auth.json"], variables: ["OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_HOME"] },
    runtime: program("codex-acp", []),
  },
  {
    name: "gemini",
    title: "Gemini CLI",
    install: "npm install -g @google/gemini-cli",
    login: "Run `gemini` and log in, or set GEMINI_API_KEY where the gateway is started.",
    loginCommand: "gemini",
    signs: {
      files: ["~/.gemini/oauth_creds.json"],
      variables: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI"],
    },
    runtime: program("gemini", ["--acp"]),
  },
  {
    name: "opencode",
    title: "OpenCode",
    install: "npm install -g opencode-ai",
    login: "Run `opencode auth login`.",
    loginCommand: "opencode auth login",
    signs: { files: ["~/.local/share/opencode/auth.json"], variables: ["XDG_DATA_HOME", ...MODEL_KEYS] },
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
    login: "Run `goose configure`.",
    loginCommand: "goose configure",
    signs: { files: ["~/.config/goose/config.yaml"], variables: ["GOOSE_PROVIDER", "XDG_CONFIG_HOME"] },
    runtime: program("goose", ["acp"], { askingEnv: { GOOSE_MODE: "approve" } }),
  },
  {
    name: "pi",
    title: "pi",
    install: "npm install -g pi-acp",
    login: "Run `pi` and log in with `/login`.",
    loginCommand: "pi",
    signs: { files: ["~/.pi/agent/auth.json"], variables: MODEL_KEYS },
    runtime: program("pi-acp", [], {
      needs: [{ program: "pi", install: "npm install -g @earendil-works/pi-coding-agent" }],
    }),
  },
  {
    name: "ollama",
    title: "Ollama",
    install: "see https://ollama.com/download",
    login: "Start it with `ollama serve`.",
    loginCommand: "ollama serve",
    signs: { files: [], variables: [] },
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

/** The preset whose program a command line runs; undefined: of none. */
export function presetOf(command: readonly string[]): Preset | undefined {
  const program = command[0]?.split("/").at(-1);
  return PRESETS.find(({ runtime }) => runtime.kind === "program" && runtime.program === program);
}

/** The preset of a name, in any case. */
export function findPreset(name: string): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name.toLowerCase());
}
