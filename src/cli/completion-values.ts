// Values that a shell can complete: accounts, agents, codes, sessions, as they are on this machine now.
import { openConfig, withStoreIfThere } from "../gateway/open-state.ts";
import type { GlobalOptions } from "./cli.ts";

export const KINDS = ["accounts", "agents", "codes", "sessions"] as const;
/** What can be asked for. */
export type ValueKind = (typeof KINDS)[number];

/** By the names of arguments on the command line. */
export const VALUES_OF: Readonly<Partial<Record<string, ValueKind>>> = {
  agent: "agents",
  code: "codes",
  key: "sessions",
};

const MOST = 200;

/** The values. Contract: never rejects: where they cannot be read there is nothing to complete. */
export async function readValues(kind: ValueKind, options: GlobalOptions): Promise<readonly string[]> {
  try {
    const { settings } = await openConfig(options);
    switch (kind) {
      case "accounts":
        return settings.accounts.map(({ id }) => id);
      case "agents":
        return settings.agents.map(({ id }) => id);
      case "codes":
        return await withStoreIfThere(settings, async (store) => {
          const requests = (await store?.pairings.pending(Date.now())) ?? [];
          return requests.map(({ code }) => code);
        });
      case "sessions":
        return await withStoreIfThere(settings, async (store) => {
          const sessions = (await store?.sessions.list()) ?? [];
          return sessions.slice(0, MOST).map(({ key }) => key);
        });
    }
  } catch {
    return [];
  }
}
