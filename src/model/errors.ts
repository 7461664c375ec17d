// The one error of the product and the catalogue of its codes.

/** Every code there is, with the sentence `docs/errors.md` opens its entry with. */
export const ERROR_CATALOGUE = {
  "cli/usage": "CoderClaw could not parse the command line.",
  "cli/cancelled": "You cancelled the command at the terminal.",
  "config/invalid": "The configuration is not valid.",
  "config/unreadable": "CoderClaw could not read or write the configuration file.",
  "config/unsupported": "This version does not support what the key asks for.",
  "config/protected": "This key cannot be changed from chat.",
  "config/changed-since": "The configuration has changed since you started editing it.",
  "config/no-undo": "There is no earlier configuration to restore.",
  "gateway/already-running": "Another gateway is using this state folder.",
  "gateway/not-running": "This command needs a running gateway.",
  "gateway/port-in-use": "Another program is using the control server's port.",
  "gateway/not-ours": "The gateway that answered uses a different state folder or token.",
  "gateway/refused": "The control server rejected the request.",
  "gateway/busy": "The gateway has reached its limit of event streams.",
  "gateway/no-such-path": "The control server has no such path.",
  "gateway/replaced": "An update replaced one of the running gateway's files.",
  "state/unsafe": "Other users could change the state folder or the configuration file.",
  "store/unusable": "CoderClaw could not open or migrate the state database.",
  "store/newer": "A newer version of CoderClaw wrote the state database.",
  "imsg/not-found": "The program in `cliPath` does not exist.",
  "imsg/not-executable": "The program in `cliPath` is not executable.",
  "imsg/not-started": "The operating system is short of something that imsg needs to start.",
  "imsg/no-rpc": "The program in `cliPath` does not speak JSON-RPC.",
  "imsg/refused": "imsg returned an error.",
  "imsg/busy": "imsg was too busy to start the request.",
  "imsg/database": "imsg cannot read the Messages database.",
  "imsg/timeout": "imsg did not answer in time.",
  "imsg/gone": "The imsg process exited before it answered.",
  "imsg/payload": "imsg sent data that CoderClaw cannot read.",
  "ssh/not-found": "CoderClaw cannot find ssh on this machine.",
  "ssh/unreachable": "The gateway cannot reach the Mac by SSH.",
  "ssh/host-key": "The Mac's host key is unknown or has changed.",
  "ssh/refused": "The Mac rejected the SSH key.",
  "ssh/no-copies": "The Mac does not allow file copies over SFTP.",
  "ssh/noise": "The Mac's login shell prints text before the command's output.",
  "ssh/failed": "ssh failed for another reason.",
  "send/no-target": "The message has no chat or handle that CoderClaw can answer.",
  "send/bad-target": "CoderClaw does not recognise the target's form.",
  "send/not-allowed": "The configuration does not allow sending to this target.",
  "account/unknown": "There is no such account.",
  "agent/failed": "The agent did not produce an answer.",
  "agent/timeout": "The agent exceeded its time limit.",
  "agent/not-found": "The agent's program does not exist.",
  "media/missing": "The file does not exist.",
  "media/outside": "The file is outside the folders that CoderClaw may read.",
  "media/not-a-file": "The path does not name a regular file.",
  "media/too-large": "The file is larger than the limit.",
  "media/timeout": "Fetching the file timed out.",
  "media/unreachable": "CoderClaw cannot copy files to or from the other machine.",
  "media/failed": "CoderClaw could not copy the file.",
  "pairing/unknown-code": "No pending pairing request has this code.",
  "pairing/not-in-force": "The account does not use pairing.",
  "pairing/unknown-handle": "The handle has no approved pairing.",
  "explain/unknown": "The journal has no such message.",
  "outbox/unknown": "The outbox has no such message.",
  "session/unknown": "There is no such session.",
  "session/file": "CoderClaw could not write the transcript file.",
  "approval/over": "What the agent asked is already decided.",
  "approval/unknown": "There is no standing approval with that number, or no such option.",
  "service/no-manager": "This machine has no service manager that can run the gateway.",
  "service/foreign-file": "CoderClaw did not write the existing service file.",
  "service/failed": "The service manager rejected a step.",
  "service/not-installed": "The service is not installed.",
  "backup/file": "CoderClaw could not write or read the backup.",
  "onboard/unfinished": "Onboarding ended before everything worked.",
  "conversation/unknown": "There is no such conversation.",
  "page/not-signed-in": "This browser is not signed in to the control page.",
  "page/link-over": "The link to the control page has been used or has expired.",
  "page/link-unknown": "This gateway did not issue the link to the control page.",
  "page/session-unknown": "No signed-in browser has this number.",
  "page/too-many-tries": "Too many sign-in attempts came from one address.",
  "page/not-built": "The control page's files are missing.",
  "internal/bug": "CoderClaw ran into an internal error.",
} as const;

/** `area/what`; closed: a new code is added to the catalogue first. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Whether the thing asked for may have happened although it failed. */
export type Effect = "none" | "maybe" | "done";

/** What an error says beside its message. */
export interface ErrorFacts {
  /** One imperative sentence: what to do now. */
  readonly hint: string;
  /** Default `none`. */
  readonly effect?: Effect;
  /** Facts for the log, free of secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class: what failed, whether it may have happened all the same, and what to do. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly effect: Effect;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "GatewayError";
    this.code = code;
    this.hint = facts.hint;
    this.effect = facts.effect ?? "none";
    this.details = facts.details ?? {};
  }
}

/** Anything thrown, as a `GatewayError`; what is not one becomes `internal/bug` with the original as its cause. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (isMissingModule(thrown))
    return new GatewayError("gateway/replaced", "CoderClaw was updated or removed while this ran.", {
      hint: "Restart the gateway: `coderclaw service restart`, or stop it with Ctrl-C and start it again.",
      cause: thrown,
    });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GatewayError("internal/bug", message, {
    hint: "Run again with --verbose and report what it prints.",
    effect: "maybe",
    cause: thrown,
  });
}

/** Only the product's own modules are loaded by name. */
function isMissingModule(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_MODULE_NOT_FOUND";
}
