// `session.reset`: when a session is over by itself.
import type { SessionReset } from "../../model/settings.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import type { Report } from "./report.ts";
import { DEFAULTS, type WrittenConfig } from "../schema/schema.ts";

const PATH: ConfigPath = ["session", "reset"];

/** Resolves it; a key that the mode does not read goes to the report. */
export function resolveSessionReset(config: WrittenConfig, report: Report): SessionReset {
  const written = config.session?.reset ?? {};
  const mode = written.mode ?? DEFAULTS.resetMode;
  if (written.atHour !== undefined && mode !== "daily") refuse("atHour", { mode, reads: "daily" }, report);
  if (written.idleMinutes !== undefined && mode !== "idle")
    refuse("idleMinutes", { mode, reads: "idle" }, report);
  switch (mode) {
    case "never":
      return { mode };
    case "daily":
      return { mode, atHour: written.atHour ?? DEFAULTS.resetAtHour };
    case "idle":
      return { mode, idleMs: (written.idleMinutes ?? DEFAULTS.resetIdleMinutes) * 60_000 };
  }
}

function refuse(
  key: string,
  { mode, reads }: { readonly mode: string; readonly reads: string },
  report: Report,
): void {
  report.add({
    path: [...PATH, key],
    at: "key",
    message: `${renderPath([...PATH, key])} would do nothing: the mode is ${JSON.stringify(mode)}`,
    hint: `Set ${renderPath([...PATH, "mode"])} to ${JSON.stringify(reads)}, or remove the key.`,
  });
}
