// `session.identityLinks`: the handles of one person, under one name.
import type { Handle } from "../../model/handle.ts";
import type { IdentityLink } from "../../model/settings.ts";
import { parsePeer } from "./entries.ts";
import { isPlainId, PLAIN_ID_HINT } from "./known-ids.ts";
import { channelRegion } from "./layers.ts";
import type { ConfigPath } from "../read/path.ts";
import type { Report } from "./report.ts";
import type { WrittenConfig } from "../schema/schema.ts";

/** Resolves the links; a name that is no plain id, and a handle of two people, go to the report. */
export function resolveIdentityLinks(config: WrittenConfig, report: Report): readonly IdentityLink[] {
  const owners = new Map<Handle, string>();
  const region = channelRegion(config);
  return Object.entries(config.session?.identityLinks ?? {}).map(([name, texts]) => {
    const path: ConfigPath = ["session", "identityLinks", name];
    if (!isPlainId(name))
      report.refuse(path, name, { at: "key", reason: "cannot be the name of a link", hint: PLAIN_ID_HINT });
    const handles = texts.flatMap((text, index) => {
      const at = [...path, index];
      const peer = parsePeer({ text, path: at, region }, "handle", report);
      if (peer?.kind !== "handle") return [];
      const owner = owners.get(peer.handle);
      if (owner !== undefined && owner !== name)
        report.refuse(at, text, { reason: `is linked to ${owner} already`, hint: "Keep it in one link." });
      if (owner !== undefined) return [];
      owners.set(peer.handle, name);
      return [peer.handle];
    });
    return { name, handles };
  });
}
