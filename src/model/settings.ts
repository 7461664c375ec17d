// The configuration after parsing, merging and defaults: frozen, nothing optional but what may truly be absent.
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId } from "./ids.ts";
import type { PublicUrl } from "./public-url.ts";
import type { AllowEntry, ChatEntry, SendService } from "./target.ts";

export type DmPolicy = "pairing" | "allowlist" | "open" | "disabled";
export type GroupPolicy = "allowlist" | "open" | "disabled";
export type DmScope = "main" | "per-peer" | "per-channel-peer" | "per-account-channel-peer";
export type ChunkMode = "length" | "newline";
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** A machine reached by SSH, as strict as it is handed to `ssh` and `scp`. */
export interface RemoteHost {
  /** Undefined: as the SSH configuration says. */
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** Where an account's `imsg` runs. */
export type Reach =
  | { readonly kind: "local" }
  /** `cliPath: "ssh://…"`: ssh is started by us, and runs `program` there. */
  | { readonly kind: "ssh"; readonly remote: RemoteHost; readonly program: string }
  /** `cliPath` is a script that uses ssh, or `remoteHost` says so. */
  | {
      readonly kind: "wrapper";
      readonly remote: RemoteHost;
      readonly identityFile: string | undefined;
      /** More words of the script's ssh that copies need too, such as `-J`, `jump`. */
      readonly options: readonly string[];
    }
  /** A script that seems to use ssh, and whose host could not be told. */
  | { readonly kind: "unclear"; readonly because: string };

/** How an account's `imsg` is started. */
export interface TransportSettings {
  /** Program and `~` resolved; a bare name is looked up on PATH. */
  readonly cliPath: string;
  /** As written: a remote `imsg` reads it with its own home. Undefined: imsg's own default. */
  readonly dbPath: string | undefined;
  readonly probeTimeoutMs: number;
  readonly reach: Reach;
}

/** One key of `groups`, its fields resolved: what it says itself, over what `"*"` says, over the built-in default. */
export interface GroupSettings {
  /** `any` for `"*"`. */
  readonly key: ChatEntry | { readonly kind: "any" };
  readonly enabled: boolean;
  readonly requireMention: boolean;
  /** In place of the account's `groupAllowFrom` for this group; undefined: the account's. */
  readonly allowFrom: readonly AllowEntry[] | undefined;
  readonly agentId: AgentId | undefined;
  /** Given to the agent before the messages of this group; may be empty. */
  readonly systemPrompt: string;
  /** Unanswered messages shown to the agent as context; 0: none. */
  readonly historyLimit: number;
}

/** Attachments of one account. */
export interface MediaSettings {
  /** Files that come with messages are handed to agents. */
  readonly isTaken: boolean;
  /** Folders of the machine that imsg runs on, as absolute patterns (`*` stands for one name); a file outside of them is refused. */
  readonly roots: readonly string[];
  /** Largest file, both directions. */
  readonly maxBytes: number;
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
  readonly groupPolicy: GroupPolicy;
  /** Who is admitted in groups: `groupAllowFrom`, or where that is unset `allowFrom`. */
  readonly groupAllowFrom: readonly AllowEntry[];
  /**
   * Guids first, then chat ids, identifiers and `"*"`: where several name a chat, the first is the surest. Empty: `groups` names
   * none, and every group may be answered as far as the policy goes.
   */
  readonly groups: readonly GroupSettings[];
  /** Of a group that no key of `groups` names. */
  readonly historyLimit: number;
  /** Earlier turns of a direct chat that an agent is shown; 0: none. Undefined: none where it is not its own memory, else as it likes. */
  readonly dmHistoryLimit: number | undefined;
  /** `dms.<handle>.historyLimit`, over `dmHistoryLimit`. */
  readonly dmHistoryLimits: readonly { readonly handle: Handle; readonly turns: number }[];
  /** `/config set` and the like may change the file. */
  readonly configWrites: boolean;
  /** Where messages may be sent; undefined: anywhere. */
  readonly allowTo: readonly AllowEntry[] | undefined;
  readonly selfHandles: readonly Handle[];
  /** The owner's handles; may be empty. */
  readonly owners: readonly Handle[];
  /** Those of them who are told what concerns the owner: the ones that `allowTo` lets messages be sent to. */
  readonly notified: readonly Handle[];
  readonly media: MediaSettings;
  readonly catchupMaxAgeMs: number;
  /** UTF-16 units a message. */
  readonly textChunkLimit: number;
  readonly chunkMode: ChunkMode;
  /** Put before the first chunk of a reply; may be empty. */
  readonly responsePrefix: string;
  /** Messages an answer may be, its files included; what is longer ends in a file. */
  readonly maxPartsPerReply: number;
  readonly turnsPerMinute: number;
  readonly sendsPerMinute: number;
  readonly sendsPerHour: number;
}

/** An account of the config that does not run: it, or the channel, is disabled. */
export interface StoppedAccount {
  readonly id: AccountId;
  readonly name: string;
  /** Who would be the owner if it ran. */
  readonly owners: readonly Handle[];
}

/** Who decides what an agent may do: the owner is asked, or everything is allowed, or denied. */
export type Permissions = "ask" | "allow" | "deny";
/** When people see an answer: once it is whole, or paragraph by paragraph while the agent still writes. */
export type Streaming = "off" | "paragraphs";

export type RuntimeSettings =
  | { readonly type: "echo" }
  | {
      readonly type: "command";
      readonly command: readonly [string, ...string[]];
      readonly input: "text" | "json";
      readonly timeoutMs: number;
      /** Of the program and all it started; undefined: no limit. */
      readonly memoryBytes: number | undefined;
    }
  | {
      readonly type: "acp";
      readonly command: readonly [string, ...string[]];
      /** Given to the agent beside what it inherits. */
      readonly env: Readonly<Record<string, string>>;
      readonly permissions: Permissions;
      /** What a session begins with, where nobody chose another in chat; undefined: the agent's own default. */
      readonly mode: string | undefined;
      readonly model: string | undefined;
      /** Of a turn, without the time that its questions wait for people. */
      readonly timeoutMs: number;
      /** Of the agent's process and all it started; undefined: no limit. */
      readonly memoryBytes: number | undefined;
    }
  | {
      readonly type: "model";
      /** Such as `http://127.0.0.1:11434/v1`; without a slash at its end. */
      readonly baseUrl: string;
      readonly apiKey: string | undefined;
      readonly model: string;
      /** The system prompt; may be empty. */
      readonly system: string;
      /** How much of what was said before is given, in tokens (estimated). */
      readonly historyTokens: number;
      /** Pictures are given to the model. */
      readonly vision: boolean;
      readonly timeoutMs: number;
    };

export interface AgentSettings {
  readonly id: AgentId;
  readonly name: string;
  readonly runtime: RuntimeSettings;
  /** Absolute path of the folder the agent works in. */
  readonly workspace: string;
  /** How the agent is called in groups, as written; `parseMentionPattern` reads each. Empty: mentions cannot be told. */
  readonly mentionPatterns: readonly string[];
  readonly streaming: Streaming;
  /** After so long a turn's conversation is told, once, that it is still at work; 0: never. */
  readonly longTurnMs: number;
}

/** When a session is over by itself, so that the next message begins another. `atHour`: local time of the gateway's machine, 0 to 23. */
export type SessionReset =
  | { readonly mode: "never" }
  | { readonly mode: "daily"; readonly atHour: number }
  | { readonly mode: "idle"; readonly idleMs: number };

/** Sends what matches to an agent; all given parts must match. The first binding that matches wins. */
export interface Binding {
  readonly agentId: AgentId;
  readonly accountId: AccountId | undefined;
  readonly peer: AllowEntry | undefined;
}

/** Handles of one person, who has one memory in `session.dmScope` other than `main`. */
export interface IdentityLink {
  /** Stands in session keys: `a-z`, `0-9`, `_`, `-`. */
  readonly name: string;
  readonly handles: readonly Handle[];
}

/** What may be done by commands in chat. */
export interface CommandSettings {
  /** `/config` is there. */
  readonly config: boolean;
  /** False: whoever is admitted in a group may give commands there, listed or not. */
  readonly useAccessGroups: boolean;
  /** An owner's SMS and RCS messages count as the owner's, though their sender can be faked. */
  readonly allowSms: boolean;
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
  /** Where the control page is reached from elsewhere; the first is the one that people are sent to. */
  readonly publicUrls: readonly PublicUrl[];
  /** Undefined: there are no metrics. */
  readonly metricsToken: string | undefined;
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
  readonly identityLinks: readonly IdentityLink[];
  readonly sessionReset: SessionReset;
  readonly commands: CommandSettings;
  readonly debounceMs: number;
  readonly maxConcurrentTurns: number;
  readonly gateway: GatewaySettings;
  /** Absolute path of the state database. */
  readonly storePath: string;
  readonly logLevel: LogLevel;
  readonly warnings: readonly ConfigWarning[];
}
