// `groups` and `dms` of an account: the keys by their grammar, the fields of each with what `"*"` says under them.
import { chatGuidKey } from "../../model/chat-guid.ts";
import { asId, type AgentId } from "../../model/ids.ts";
import { withoutUnseen } from "../../model/handle.ts";
import type { AccountSettings, GroupSettings } from "../../model/settings.ts";
import { parseAllowEntry, renderEntry, type AllowEntry, type Parsed } from "../../model/target.ts";
import { parseEntries, parsePeer } from "./entries.ts";
import { requireKnown } from "./known-ids.ts";
import { inForce, writtenAt, type Layers } from "./layers.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import type { Report } from "./report.ts";
import type { GroupSection } from "../schema/imessage.ts";

/** What the fields of a group are read by. */
export interface GroupFrame {
  readonly region: string;
  /** Of the account, for entries that say none. */
  readonly historyLimit: number;
  readonly agentIds: readonly string[];
}

/** One entry of `groups` as written. */
interface WrittenGroup {
  readonly key: GroupSettings["key"];
  readonly section: GroupSection;
  readonly path: ConfigPath;
}

/** Guids first: they are the surest names of a chat. */
const ORDER = ["chat_guid", "chat_id", "chat_identifier", "any"];

/** Resolves `groups`; bad keys, chats that are named twice and unknown agents go to the report. */
export function resolveGroups(layers: Layers, frame: GroupFrame, report: Report): readonly GroupSettings[] {
  const base = writtenAt(layers, "groups");
  const written = Object.entries(inForce(layers, "groups") ?? {}).flatMap(([text, section]) => {
    const path = [...base, text];
    const key = readGroupKey(text, path, report);
    return key === undefined ? [] : [{ key, section, path }];
  });
  refuseDoubles(
    written.map(({ key, path }) => ({
      path,
      name: key.kind === "chat_guid" ? chatGuidKey(key.guid) : renderEntry(key),
      kind: key.kind,
    })),
    report,
  );
  const star = written.find(({ key }) => key.kind === "any");
  return written
    .map((group) => resolveGroup(group, star, { ...frame, report }))
    .toSorted((one, other) => ORDER.indexOf(one.key.kind) - ORDER.indexOf(other.key.kind));
}

function resolveGroup(
  group: WrittenGroup,
  star: WrittenGroup | undefined,
  { region, historyLimit, agentIds, report }: GroupFrame & { readonly report: Report },
): GroupSettings {
  const { section, path } = group;
  if (section.agentId !== undefined)
    requireKnown({ id: section.agentId, path: [...path, "agentId"], ids: agentIds, what: "agent" }, report);
  const listed = [group, star].find((each) => each?.section.allowFrom !== undefined);
  const agentId = section.agentId ?? star?.section.agentId;
  return {
    key: group.key,
    enabled: section.enabled ?? star?.section.enabled ?? true,
    requireMention: section.requireMention ?? star?.section.requireMention ?? true,
    allowFrom:
      listed &&
      parseEntries(
        { texts: listed.section.allowFrom ?? [], path: [...listed.path, "allowFrom"], region },
        report,
      ),
    agentId: agentId === undefined ? undefined : asId<AgentId>(agentId),
    systemPrompt: section.systemPrompt ?? star?.section.systemPrompt ?? "",
    historyLimit: section.historyLimit ?? star?.section.historyLimit ?? historyLimit,
  };
}

function readGroupKey(text: string, path: ConfigPath, report: Report): GroupSettings["key"] | undefined {
  const parsed = parseGroupKey(text);
  if (parsed.ok) return parsed.value;
  report.refuse(path, text, {
    at: "key",
    reason: parsed.reason,
    hint: 'Name the group by its `chat_id` ("12"), by `chat_guid:G` or `chat_identifier:I`, or write "*"; `coderclaw chats` lists them.',
  });
  return undefined;
}

function parseGroupKey(text: string): Parsed<GroupSettings["key"]> {
  const bare = withoutUnseen(text);
  if (/^\d/.test(bare) && !/^\d+$/.test(bare))
    return { ok: false, reason: "is not a chat row id (a whole number from 1)" };
  // The region is of no matter: a handle is refused, whichever it is.
  const parsed: Parsed<AllowEntry> = parseAllowEntry(/^\d+$/.test(bare) ? `chat_id:${bare}` : bare, "US");
  if (!parsed.ok) return parsed;
  if (parsed.value.kind === "handle") return { ok: false, reason: "names no chat" };
  return { ok: true, value: parsed.value };
}

/** Resolves `dms`: turns by handle. Entries without a limit say nothing. */
export function resolveDirectLimits(
  layers: Layers,
  region: string,
  report: Report,
): AccountSettings["dmHistoryLimits"] {
  const base = writtenAt(layers, "dms");
  const written = Object.entries(inForce(layers, "dms") ?? {}).flatMap(([text, section]) => {
    const path = [...base, text];
    const peer = parsePeer({ text, path, region, at: "key" }, "handle", report);
    return peer?.kind === "handle" ? [{ handle: peer.handle, turns: section.historyLimit, path }] : [];
  });
  refuseDoubles(
    written.map(({ handle, path }) => ({ path, name: handle, kind: "handle" })),
    report,
  );
  return written.flatMap(({ handle, turns }) => (turns === undefined ? [] : [{ handle, turns }]));
}

/** Refuses a second key for what another key of its kind names already. */
function refuseDoubles(
  keys: readonly { readonly path: ConfigPath; readonly name: string; readonly kind: string }[],
  report: Report,
): void {
  const seen = new Map<string, ConfigPath>();
  for (const { path, name, kind } of keys) {
    const id = `${kind} ${name}`;
    const other = seen.get(id);
    if (other !== undefined)
      report.add({
        path,
        at: "key",
        message: `${renderPath(path)} names the same as ${renderPath(other)}`,
        hint: "Keep one of the two.",
      });
    seen.set(id, path);
  }
}
