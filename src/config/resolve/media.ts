// Attachments of an account: whether they are taken, from where, and how large they may be.
import type { MediaSettings, Reach } from "../../model/settings.ts";
import { inForce, writtenAt, type Layers } from "./layers.ts";
import { expandHome } from "../places.ts";
import type { Report } from "./report.ts";
import { ACCOUNT_DEFAULTS } from "../schema/imessage.ts";

const BYTES_A_MEGABYTE = 1024 * 1024;

/** The `media` of an account; a root that is no absolute path goes to the report. */
export function resolveMedia(layers: Layers, reach: Reach, report: Report): MediaSettings {
  return {
    isTaken: inForce(layers, "includeAttachments") ?? ACCOUNT_DEFAULTS.includeAttachments,
    roots: reach.kind === "local" ? localRoots(layers, report) : remoteRoots(layers, report),
    maxBytes: Math.floor((inForce(layers, "mediaMaxMb") ?? ACCOUNT_DEFAULTS.mediaMaxMb) * BYTES_A_MEGABYTE),
  };
}

function localRoots(layers: Layers, report: Report): readonly string[] {
  const written = inForce(layers, "attachmentRoots") ?? ACCOUNT_DEFAULTS.attachmentRoots;
  return checked({ layers, name: "attachmentRoots" }, written.map(expandHome), report);
}

/** A home over there is not known here: `~` is refused rather than taken for ours. */
function remoteRoots(layers: Layers, report: Report): readonly string[] {
  const own = inForce(layers, "remoteAttachmentRoots");
  if (own) return checked({ layers, name: "remoteAttachmentRoots" }, own, report);
  const common = inForce(layers, "attachmentRoots");
  if (common) return checked({ layers, name: "attachmentRoots" }, common, report);
  return ACCOUNT_DEFAULTS.remoteAttachmentRoots;
}

interface WrittenRoots {
  readonly layers: Layers;
  readonly name: "attachmentRoots" | "remoteAttachmentRoots";
}

function checked(
  { layers, name }: WrittenRoots,
  roots: readonly string[],
  report: Report,
): readonly string[] {
  roots.forEach((root, index) => {
    const reason = faultOf(root);
    if (reason === undefined) return;
    report.refuse([...writtenAt(layers, name), index], root, {
      reason,
      hint: "Write an absolute path, such as /Users/*/Library/Messages/Attachments; `*` stands for one name.",
    });
  });
  return roots;
}

function faultOf(root: string): string | undefined {
  if (root.startsWith("~")) return "`~` stands for your own home folder on this machine alone";
  if (!root.startsWith("/")) return "is no absolute path";
  if (root.split("/").some((name) => name === ".." || name === ".")) return "must not hold `.` or `..`";
  if (root.split("/").some((name) => name.includes("*") && name !== "*"))
    return "`*` stands for one whole name";
  if (root.split("/").every((name) => name === "")) return "would let every file of the machine be read";
  return undefined;
}
