// What a background service of this machine runs, and where its file goes: worked out before anything is written.

/** What the service manager is told to run. Every path is absolute. */
export interface ServicePlan {
  /** Node and its arguments: never a shim of a version manager, never a script as the program. */
  readonly command: readonly [string, ...string[]];
  /** Set for the process, `PATH` included. */
  readonly environment: Readonly<Record<string, string>>;
  /** A file of `NAME=value` lines that may be missing; read at each start. */
  readonly environmentFile: string;
  /** Where the log goes when the manager keeps none of its own. */
  readonly logFile: string;
}

/** What a service manager says about the service. */
export interface ServiceState {
  /** Its file is there. */
  readonly isInstalled: boolean;
  /** It starts with the user's session, or at boot. */
  readonly isEnabled: boolean;
  readonly isRunning: boolean;
  readonly pid: number | undefined;
  /** The manager's own words, one line. */
  readonly detail: string;
}

/** One step that changes something on this machine, shown before it is taken. */
export interface ServiceStep {
  /** As a person would type it, or what is written where. */
  readonly words: string;
  run(): Promise<void>;
}

/** launchd or systemd, for one user. Steps are made first and run one after another by whoever asked for them. */
export interface ServiceManager {
  readonly name: "launchd" | "systemd";
  /** The file that defines the service. */
  readonly file: string;
  /** How to read the log by hand. */
  readonly logCommand: readonly [string, ...string[]];
  /** The text of the file. Contract: the same plan gives the same bytes. */
  render(plan: ServicePlan): string;
  /** What a file written by `render` runs; undefined for a text it cannot read. */
  read(text: string): Pick<ServicePlan, "command" | "environment"> | undefined;
  install(text: string): Promise<readonly ServiceStep[]>;
  uninstall(): Promise<readonly ServiceStep[]>;
  start(): Promise<readonly ServiceStep[]>;
  stop(): Promise<readonly ServiceStep[]>;
  restart(): Promise<readonly ServiceStep[]>;
  state(): Promise<ServiceState>;
  /** What a person has to do themselves, such as allowing the service to run while they are logged out; empty for nothing. */
  advice(): Promise<readonly string[]>;
}

/** The first line of every file written here; a file without it belongs to somebody else. */
export const MARK = "Written by `coderclaw service install`";
