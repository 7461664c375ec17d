// The configuration after parsing, merging and defaults: frozen, nothing optional but what may truly be absent.
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId } from "./ids.ts";
import type { AllowEntry, SendService } from "./target.ts";

export type DmPolicy = "pairing" | "allowlist" | "open" | "disabled";
export type DmScope = "main" | "per-peer" | "per-channel-peer" | "per-account-channel-peer";
export type ChunkMode = "length" | "newline";
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** How an account's `imsg` is started. */
export interface TransportSettings {
  /** Program and `~` resolved; a bare name is looked up on PATH. */
  readonly cliPath: string;
  /** As written: a remote `imsg` reads it with its own home. Undefined: imsg's own default. */
  readonly dbPath: string | undefined;
  readonly probeTimeoutMs: number;
}

/** Everything one account runs by. */
export interface AccountSettings {
  readonly id: AccountId;
  readonly name: string;
  readonly transport: TransportSettings;
  readonly service: SendService;
  readonly region: string;
  readonly dmPolicy: DmPolicy;
  readonly allowFrom: readonly AllowEntry[];
  readonly selfHandles: readonly Handle[];
  /** Handles told about what concerns the owner; may be empty. */
  readonly owners: readonly Handle[];
  readonly catchupMaxAgeMs: number;
  /** UTF-16 units a message. */
  readonly textChunkLimit: number;
  readonly chunkMode: ChunkMode;
  /** Put before the first chunk of a reply; may be empty. */
  readonly responsePrefix: string;
  readonly turnsPerMinute: number;
}

/** An account of the config that does not run: it, or the channel, is disabled. */
export interface StoppedAccount {
  readonly id: AccountId;
  readonly name: string;
}

export type RuntimeSettings =
  | { readonly type: "echo" }
  | {
      readonly type: "command";
      readonly command: readonly [string, ...string[]];
      readonly input: "text" | "json";
      readonly timeoutMs: number;
    };

export interface AgentSettings {
  readonly id: AgentId;
  readonly name: string;
  readonly runtime: RuntimeSettings;
  /** Absolute path of the folder the agent works in. */
  readonly workspace: string;
}

/** Sends what matches to an agent; all given parts must match. The first binding that matches wins. */
export interface Binding {
  readonly agentId: AgentId;
  readonly accountId: AccountId | undefined;
  readonly peer: AllowEntry | undefined;
}

/** Something that runs but surely not as meant; shown by status, log and page. */
export interface ConfigWarning {
  /** Config path, such as `channels.imessage.allowFrom`. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export interface GatewaySettings {
  readonly bind: string;
  readonly port: number;
  /** Undefined: the token file's. */
  readonly token: string | undefined;
}

/** One whole, valid configuration. Contract: deeply frozen; a reload makes a new one. */
export interface Settings {
  /** Hash of the file's text; names the config a message was handled under. */
  readonly version: string;
  readonly accounts: readonly AccountSettings[];
  /** Disabled accounts, for lists and status. */
  readonly stoppedAccounts: readonly StoppedAccount[];
  readonly agents: readonly AgentSettings[];
  readonly defaultAgentId: AgentId;
  readonly bindings: readonly Binding[];
  readonly dmScope: DmScope;
  readonly debounceMs: number;
  readonly maxConcurrentTurns: number;
  readonly gateway: GatewaySettings;
  /** Absolute path of the state database. */
  readonly storePath: string;
  readonly logLevel: LogLevel;
  readonly warnings: readonly ConfigWarning[];
}
