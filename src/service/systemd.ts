// The service as a systemd unit of one user: its file, and the steps that install, start and stop it.
import { join } from "node:path";
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

const UNIT = "coderclaw.service";

/** Where systemd looks, and for whom. */
export interface SystemdPlace {
  /** `$XDG_CONFIG_HOME`, or `~/.config`. */
  readonly configHome: string;
  readonly user: string;
}

/** systemd for one user. */
export function systemd({ configHome, user }: SystemdPlace): ServiceManager {
  const file = join(configHome, "systemd", "user", UNIT);
  return {
    name: "systemd",
    file,
    logCommand: ["journalctl", "--user", "--unit", UNIT, "--lines", "200", "--no-pager"],
    render: renderUnit,
    read: readUnitText,
    install: async (text) => {
      await requireSession();
      await requireOwn(file);
      return [
        { words: `write ${file}`, run: async () => writeUnit(file, text) },
        systemctl("daemon-reload"),
        systemctl("enable", UNIT),
        systemctl("restart", UNIT),
      ];
    },
    uninstall: async () => {
      await requireOwn(file);
      return [
        // Stopping what is not loaded fails, and so does a session that is gone: the file goes all the same.
        tolerant(systemctl("disable", "--now", UNIT)),
        { words: `remove ${file}`, run: async () => removeUnit(file) },
        tolerant(systemctl("daemon-reload")),
      ];
    },
    start: async () => [await after(requireSession(), systemctl("start", UNIT))],
    stop: async () => [await after(requireSession(), systemctl("stop", UNIT))],
    restart: async () => [await after(requireSession(), systemctl("restart", UNIT))],
    state: async () => readState(file),
    advice: async () => ((await hasLinger(user)) ? [] : [lingerAdvice(user)]),
  };
}

/** The unit. Restarts for ever, slower and slower where systemd can (254 and later); what it knows nothing of it ignores. */
function renderUnit({ command, environment, environmentFile }: ServicePlan): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quote(`${name}=${value}`)}`,
  );
  return `# ${MARK}; run it again after moving Node or CoderClaw.
[Unit]
Description=CoderClaw gateway: coding agents over Apple Messages
Documentation=man:coderclaw(1)
StartLimitIntervalSec=0

[Service]
ExecStart=${command.map(quote).join(" ")}
${variables.join("\n")}
EnvironmentFile=-${escapeSpecifiers(environmentFile)}
Restart=always
RestartSec=2
TimeoutStopSec=60
KillMode=mixed

[Install]
WantedBy=default.target
`;
}

/** systemd's own quoting: `%` and `$` have a meaning of their own even within quotes. */
function quote(text: string): string {
  const escaped = escapeSpecifiers(text)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("$", "$$$$");
  return `"${escaped}"`;
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll("%", "%%");
}

function readUnitText(text: string): Pick<ServicePlan, "command" | "environment"> | undefined {
  const lines = text.split("\n");
  const start = lines.find((line) => line.startsWith("ExecStart="));
  const [program, ...args] = unquoteAll(start?.slice("ExecStart=".length) ?? "");
  if (program === undefined) return undefined;
  const variables = lines
    .filter((line) => line.startsWith("Environment="))
    .flatMap((line) => unquoteAll(line.slice("Environment=".length)))
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
  return { command: [program, ...args], environment: Object.fromEntries(variables) };
}

/** The words of a line that `quote` wrote. */
function unquoteAll(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/gu)].map(([, word = ""]) =>
    word.replaceAll(/\\(.)/gu, "$1").replaceAll("$$", "$").replaceAll("%%", "%"),
  );
}

function systemctl(...words: readonly string[]): ServiceStep {
  return toolStep(["systemctl", "--user", ...words]);
}

async function after<T>(first: Promise<unknown>, then: T): Promise<T> {
  await first;
  return then;
}

/** Contract: rejects with `service/no-manager` where no systemd answers this user: containers, WSL, `su`. */
async function requireSession(): Promise<void> {
  const { code, stdout, stderr } = await runTool(["systemctl", "--user", "show-environment"]);
  if (code === 0) return;
  const why = code === 127 ? "systemctl is not installed" : (stderr || stdout).trim().split("\n").at(0);
  throw new GatewayError("service/no-manager", `No systemd user session answers here (${why})`, {
    hint:
      "Log in as this user directly (not through `su`) and try again. In a container or without systemd, " +
      "run `coderclaw gateway` in the foreground and let the container keep it running.",
  });
}

async function readState(file: string): Promise<ServiceState> {
  const isInstalled = (await requireOwn(file).catch(() => undefined)) !== undefined;
  const { code, stdout, stderr } = await runTool([
    "systemctl",
    "--user",
    "show",
    UNIT,
    "--property=ActiveState,SubState,UnitFileState,MainPID,Result,NRestarts",
  ]);
  if (code !== 0) {
    const detail = code === 127 ? "systemctl is not installed" : stderr.trim().split("\n").at(0) || "unknown";
    return { isInstalled, isEnabled: false, isRunning: false, pid: undefined, detail };
  }
  const facts = new Map(stdout.split("\n").map((line) => line.split("=", 2) as [string, string]));
  const pid = Number(facts.get("MainPID"));
  const restarts = Number(facts.get("NRestarts") ?? 0);
  return {
    isInstalled,
    isEnabled: facts.get("UnitFileState") === "enabled",
    isRunning: facts.get("ActiveState") === "active",
    pid: pid > 0 ? pid : undefined,
    detail: `${facts.get("ActiveState")} (${facts.get("SubState")})${restarts > 0 ? `, restarted ${restarts} times` : ""}`,
  };
}

async function hasLinger(user: string): Promise<boolean> {
  const { code, stdout } = await runTool(["loginctl", "show-user", user, "--property=Linger"]);
  return code === 0 && stdout.trim() === "Linger=yes";
}

function lingerAdvice(user: string): string {
  return `It stops when you log out. To keep it running, and to start it at boot: sudo loginctl enable-linger ${user}`;
}
