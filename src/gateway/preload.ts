// Everything a running gateway may load later, loaded while its files are still there: an update replaces them under it.
import { registerHooks } from "node:module";
import { setImmediate as nextTick } from "node:timers/promises";

/** In the order of their need. A test looks for what is missing here. */
const PARTS: readonly (() => Promise<unknown>)[] = [
  async () => import("../store/open.ts"),
  async () => import("./account.ts"),
  async () => import("./listen.ts"),
  async () => import("../server/page-app.ts"),
  async () => import("../server/page-files.ts"),
  async () => import("../server/metrics.ts"),
  async () => import("../server/refusal-page.ts"),
  async () => import("../config/read/load.ts"),
  async () => import("../config/read/watch.ts"),
  async () => import("../control/chat/operations.ts"),
  async () => import("../rules/markdown.ts"),
  async () => import("../media/folder.ts"),
  async () => import("../media/incoming.ts"),
  async () => import("../media/content.ts"),
  async () => import("../media/outgoing.ts"),
  async () => import("../media/outgoing-web.ts"),
  async () => import("file-type"),
  async () => import("@agentclientprotocol/sdk"),
  async () => import("../agents/model/loaded-runtime.ts"),
  async () => import("re2js"),
  async () => import("../imsg/probe.ts"),
  async () => import("./repairs.ts"),
  async () => import("../config/schema/json-schema.ts"),
  async () => import("../config/edit/agent-entries.ts"),
  async () => import("../config/import/import-config.ts"),
  async () => import("./agent-trial.ts"),
];

/**
 * Loads them one after the other; messages that come in between are not kept waiting. From then on none of their files is looked at.
 * Rejects when a part is gone already. Call it once.
 */
export async function preload(): Promise<void> {
  keepLoaded();
  for (const load of PARTS) {
    await load();
    await nextTick();
  }
}

/** Node looks for the file of a module that is loaded already, too, when another module asks for it; without it, it gives up. */
function keepLoaded(): void {
  const known = new Map<string, string>();
  registerHooks({
    resolve: (specifier, context, next) => {
      const { parentURL } = context;
      const isRelative = specifier.startsWith(".") && parentURL !== undefined;
      const name = isRelative ? new URL(specifier, parentURL).href : specifier;
      try {
        const found = next(specifier, context);
        known.set(name, found.url);
        return found;
      } catch (cause) {
        const url = known.get(name);
        if (url === undefined) throw cause;
        return { url, shortCircuit: true };
      }
    },
  });
}
