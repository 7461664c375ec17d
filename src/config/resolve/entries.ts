// Lists of people and chats in the config: each entry by its grammar, each fault at its own path.
import { kindOfHandle, type Handle } from "../../model/handle.ts";
import { parseAllowEntry, type AllowEntry } from "../../model/target.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import type { Report } from "./report.ts";

const ENTRY_HINT = "Write `*`, a phone number, an e-mail, `chat_id:N`, `chat_guid:G` or `chat_identifier:I`.";
const HANDLE_HINT = "Write a phone number or an e-mail.";

/** A list as written, and where. */
export interface WrittenList {
  readonly texts: readonly string[];
  readonly path: ConfigPath;
  readonly region: string;
}

/** Allow entries; what is not one goes to the report. */
export function parseEntries(list: WrittenList, report: Report): readonly AllowEntry[] {
  return list.texts.flatMap((text, index) => {
    const entry = parseEntry({ text, path: [...list.path, index], region: list.region }, report);
    return entry === undefined ? [] : [entry];
  });
}

/** Handles; chats, `*` and what is nothing go to the report. */
export function parseHandles(list: WrittenList, report: Report): readonly Handle[] {
  return list.texts.flatMap((text, index) => {
    const entry = parsePeer({ text, path: [...list.path, index], region: list.region }, "handle", report);
    return entry?.kind === "handle" ? [entry.handle] : [];
  });
}

/** One entry as written, and where. */
export interface WrittenEntry {
  readonly text: string;
  readonly path: ConfigPath;
  readonly region: string;
  /** What the position of a fault points at; default the value. */
  readonly at?: "key";
}

/** A single handle, or a single chat. */
export function parsePeer(
  written: WrittenEntry,
  wanted: "handle" | "chat",
  report: Report,
): AllowEntry | undefined {
  const entry = parseEntry(written, report);
  if (entry === undefined) return undefined;
  const isWanted = wanted === "handle" ? entry.kind === "handle" : entry.kind.startsWith("chat_");
  if (isWanted) return entry;
  report.refuse(written.path, written.text, {
    at: written.at,
    reason: wanted === "handle" ? "must be a handle" : "must name a chat",
    hint: wanted === "handle" ? HANDLE_HINT : "Write `chat_id:N`, `chat_guid:G` or `chat_identifier:I`.",
  });
  return undefined;
}

function parseEntry({ text, path, region, at }: WrittenEntry, report: Report): AllowEntry | undefined {
  const parsed = parseAllowEntry(text, region);
  if (parsed.ok) {
    if (parsed.value.kind === "handle" && kindOfHandle(parsed.value.handle) === "name")
      warnOfName(path, parsed.value.handle, report);
    return parsed.value;
  }
  report.refuse(path, text, { at, reason: parsed.reason, hint: ENTRY_HINT });
  return undefined;
}

/** Somebody's name in contacts is not what Messages knows them by. */
function warnOfName(path: ConfigPath, name: Handle, report: Report): void {
  report.warn(
    path,
    `${renderPath(path)} matches only a machine that writes under the name "${name}", never a person`,
    "For a person, write the phone number or the e-mail address that they write from.",
  );
}
