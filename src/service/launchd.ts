// The service as a LaunchAgent of one user: its property list, and the steps that install, start and stop it.
import { join } from "node:path";
import { build, parse } from "plist";
import { GatewayError } from "../model/errors.ts";
import { runTool, tolerant, toolStep } from "./run-tool.ts";
import {
  MARK,
  type ServiceManager,
  type ServicePlan,
  type ServiceState,
  type ServiceStep,
} from "./service-plan.ts";
import { removeUnit, requireOwn, writeUnit } from "./unit-file.ts";

const LABEL = "coderclaw";

/** A crash at every start is tried again this often; launchd's own default is 10. */
const THROTTLE_SECONDS = 10;
/** A gateway that finishes its sends gets so long between SIGTERM and SIGKILL. */
const EXIT_SECONDS = 60;

/** For whom. */
export interface LaunchdPlace {
  readonly home: string;
  readonly uid: number;
  /** Where the gateway writes its log. */
  readonly logFile: string;
}

/** launchd for the user who is logged in: Messages lives in that session only, so it must not be a LaunchDaemon. */
export function launchd({ home, uid, logFile }: LaunchdPlace): ServiceManager {
  const file = join(home, "Library", "LaunchAgents", `${LABEL}.plist`);
  const domain = `gui/${uid}`;
  const target = `${domain}/${LABEL}`;
  const load = launchctl("bootstrap", domain, file);
  return {
    name: "launchd",
    file,
    logCommand: ["tail", "-n", "200", logFile],
    render: renderPlist,
    read: readPlist,
    install: async (text) => {
      await requireSession(domain);
      await requireOwn(file);
      const isLoaded = (await runTool(["launchctl", "print", target])).code === 0;
      return [
        { words: `write ${file}`, run: async () => writeUnit(file, text) },
        ...(isLoaded ? [tolerant(launchctl("bootout", target))] : []),
        launchctl("enable", target),
        load,
      ];
    },
    uninstall: async () => {
      await requireOwn(file);
      return [
        tolerant(launchctl("bootout", target)),
        { words: `remove ${file}`, run: async () => removeUnit(file) },
      ];
    },
    start: async () => {
      await requireSession(domain);
      const isLoaded = (await runTool(["launchctl", "print", target])).code === 0;
      return isLoaded ? [launchctl("kickstart", target)] : [load];
    },
    // `KeepAlive` would start it again: taking it out of the session is what stops it.
    stop: async () => [launchctl("bootout", target)],
    restart: async () => {
      await requireSession(domain);
      const isLoaded = (await runTool(["launchctl", "print", target])).code === 0;
      return isLoaded ? [launchctl("kickstart", "-k", target)] : [load];
    },
    state: async () => readState(file, target),
    advice: async () => [
      "It runs while this user is logged in. To survive a power cut, turn on automatic login and start-up after a power failure (System Settings), and let the Mac never sleep.",
      "If reading fails, give the `node` in the file Full Disk Access; `coderclaw channels status --probe` names it.",
    ],
  };
}

function renderPlist({ command, environment, logFile }: ServicePlan): string {
  const text = build({
    Label: LABEL,
    ProgramArguments: [...command, "--log-file", logFile],
    EnvironmentVariables: { ...environment },
    RunAtLoad: true,
    KeepAlive: true,
    ThrottleInterval: THROTTLE_SECONDS,
    ExitTimeOut: EXIT_SECONDS,
    ProcessType: "Interactive",
    // What Node itself says when it cannot even start; the log of the gateway is in `logFile`.
    StandardErrorPath: `${logFile}.crash`,
  });
  return (
    text.replace(/^(<\?xml[^\n]*\n)/u, `$1<!-- ${MARK}; run it again after moving Node or CoderClaw. -->\n`) +
    "\n"
  );
}

function readPlist(text: string): Pick<ServicePlan, "command" | "environment"> | undefined {
  // The parser prints what it finds wrong with a cut-off text.
  if (!text.trimEnd().endsWith("</plist>")) return undefined;
  try {
    const { ProgramArguments: words, EnvironmentVariables: variables } = parse(text) as {
      ProgramArguments?: readonly string[];
      EnvironmentVariables?: Record<string, string>;
    };
    const [program, ...args] = (words ?? []).slice(0, words?.indexOf("--log-file"));
    return program === undefined ? undefined : { command: [program, ...args], environment: variables ?? {} };
  } catch {
    return undefined;
  }
}

function launchctl(...words: readonly string[]): ServiceStep {
  return toolStep(["launchctl", ...words]);
}

/** Contract: rejects with `service/no-manager` where nobody is logged in to the Mac's screen. */
async function requireSession(domain: string): Promise<void> {
  const { code } = await runTool(["launchctl", "print", domain]);
  if (code === 0) return;
  const why = code === 127 ? "launchctl is not installed" : `launchctl does not know the session ${domain}`;
  throw new GatewayError("service/no-manager", `Nobody is logged in to this Mac's screen (${why})`, {
    hint: "Log in to the Mac's screen as this user once (Messages needs that session too), then run this again.",
  });
}

async function readState(file: string, target: string): Promise<ServiceState> {
  const isInstalled = (await requireOwn(file).catch(() => undefined)) !== undefined;
  const { code, stdout } = await runTool(["launchctl", "print", target]);
  if (code !== 0)
    return { isInstalled, isEnabled: false, isRunning: false, pid: undefined, detail: "not loaded" };
  const fact = (name: string): string | undefined =>
    new RegExp(`^\\s*${name} = (.*)$`, "mu").exec(stdout)?.[1];
  const pid = Number(fact("pid"));
  const exit = fact("last exit code");
  return {
    isInstalled,
    isEnabled: true,
    isRunning: fact("state") === "running",
    pid: pid > 0 ? pid : undefined,
    detail: `${fact("state") ?? "loaded"}${exit === undefined || exit.startsWith("(never") ? "" : `, last exit code ${exit}`}`,
  };
}
