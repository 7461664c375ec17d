// How an account's imsg is started and where it runs: cliPath, dbPath and remoteHost, resolved together.
import { parseRemoteHost, renderRemoteHost } from "../../model/remote-host.ts";
import type { RemoteHost, TransportSettings } from "../../model/settings.ts";
import type { ResolveContext } from "./context.ts";
import { inForce, writtenAt, type Layers } from "./layers.ts";
import { renderPath } from "../read/path.ts";
import { expandHome, expandPath } from "../places.ts";
import { isSshAddress, parseSshAddress, reachOfProgram } from "./reach.ts";
import type { Report } from "./report.ts";
import { ACCOUNT_DEFAULTS } from "../schema/imessage.ts";

/** Resolves; what is not understood goes to the report. */
export function resolveTransport(layers: Layers, context: ResolveContext): TransportSettings {
  const written = inForce(layers, "cliPath") ?? ACCOUNT_DEFAULTS.cliPath;
  const remoteHost = resolveRemoteHost(layers, context.report);
  const probeTimeoutMs = inForce(layers, "probeTimeoutMs") ?? ACCOUNT_DEFAULTS.probeTimeoutMs;
  const dbPath = inForce(layers, "dbPath");
  if (isSshAddress(written)) {
    const reach = resolveAddress({ layers, written, remoteHost }, context.report);
    return { cliPath: written, dbPath, probeTimeoutMs, reach };
  }
  const program = expandHome(written);
  const cliPath = program.includes("/") ? expandPath(program, context.baseDir) : program;
  const { searchPath, variable } = context.environment;
  const { reach, wasRead } = reachOfProgram({ cliPath, remoteHost, searchPath, variable });
  if (reach.kind === "unclear") warnUnclear(layers, { cliPath, because: reach.because }, context.report);
  // `~` is the home of the user whose imsg reads it; a program that could not be read may be somebody else's by then.
  const isOurs = reach.kind === "local" && wasRead;
  return {
    cliPath,
    dbPath: dbPath !== undefined && isOurs ? expandHome(dbPath) : dbPath,
    probeTimeoutMs,
    reach,
  };
}

function resolveRemoteHost(layers: Layers, report: Report): RemoteHost | undefined {
  const text = inForce(layers, "remoteHost");
  if (text === undefined) return undefined;
  const parsed = parseRemoteHost(text);
  if (parsed.ok) return parsed.value;
  report.refuse(writtenAt(layers, "remoteHost"), text, {
    reason: parsed.reason,
    hint: "Write it like bot@mac-mini. A port or a key goes into the wrapper script or into ~/.ssh/config.",
  });
  return undefined;
}

interface WrittenAddress {
  readonly layers: Layers;
  readonly written: string;
  readonly remoteHost: RemoteHost | undefined;
}

function resolveAddress(
  { layers, written, remoteHost }: WrittenAddress,
  report: Report,
): TransportSettings["reach"] {
  const parsed = parseSshAddress(written);
  if (!parsed.ok) {
    report.refuse(writtenAt(layers, "cliPath"), written, {
      reason: parsed.reason,
      hint: "Write it like ssh://bot@mac-mini/opt/homebrew/bin/imsg.",
    });
    return { kind: "local" };
  }
  const { host } = parsed.value.remote;
  if (remoteHost !== undefined && remoteHost.host.toLowerCase() !== host.toLowerCase())
    report.warn(
      writtenAt(layers, "remoteHost"),
      `remoteHost (${renderRemoteHost(remoteHost)}) is not used: cliPath says that the Mac is ${renderRemoteHost(parsed.value.remote)}`,
      `Remove ${renderPath(writtenAt(layers, "remoteHost"))}, or set it for the accounts whose cliPath is a script.`,
    );
  return parsed.value;
}

function warnUnclear(
  layers: Layers,
  { cliPath, because }: { readonly cliPath: string; readonly because: string },
  report: Report,
): void {
  report.warn(
    writtenAt(layers, "cliPath"),
    `Could not tell which machine ${cliPath} goes to (${because}): files cannot be copied from and to it`,
    `Set ${renderPath([...writtenAt(layers, "cliPath").slice(0, -1), "remoteHost"])} to it, such as "bot@mac-mini".`,
  );
}
