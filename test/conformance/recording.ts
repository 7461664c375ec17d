// Reads the recordings of the real imsg: which process was given what, and what it wrote.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of the recordings; its README explains the format. */
export const RECORDED = join(import.meta.dirname, "..", "fixtures", "imsg-recorded");

/** One record of a recording. */
export interface Step {
  readonly dir: "spawn" | "in" | "out" | "err" | "db" | "note" | "stdin_close" | "signal" | "exit" | "cli";
  /** Milliseconds since the recording began. */
  readonly ms: number;
  readonly p?: number;
  readonly argv?: readonly string[];
  readonly line?: string;
  readonly code?: number;
  readonly name?: string;
  readonly text?: string;
  readonly op?: "insert" | "sql";
  readonly sql?: string;
  readonly args?: readonly string[];
  readonly rowid?: number;
  readonly chats?: readonly number[];
  readonly guid?: string;
  readonly is_from_me?: number;
  readonly associated_message_guid?: string;
  readonly associated_message_type?: number;
  readonly balloon_bundle_id?: string;
  readonly thread_originator_guid?: string;
  readonly cache_has_attachments?: number;
  readonly exit?: number | string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** One process of a recording. */
export interface Session {
  readonly file: string;
  readonly p: number;
  readonly argv: readonly string[];
  /** What it was about. */
  readonly title: string;
  readonly steps: readonly Step[];
}

/** All records of a recording. */
export function readSteps(file: string): Step[] {
  return readFileSync(join(RECORDED, file), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Step);
}

/** The processes of a recording; what was noted or written to the database belongs to the one that runs. */
export function readSessions(file: string): Session[] {
  const sessions: (Session & { steps: Step[] })[] = [];
  let note = "";
  for (const step of readSteps(file)) {
    if (step.dir === "note") note = step.text ?? "";
    const current = sessions.at(-1);
    if (step.dir === "spawn") {
      sessions.push({ file, p: step.p ?? 0, argv: step.argv ?? [], title: note, steps: [] });
    } else if (current !== undefined && current.steps.at(-1)?.dir !== "exit") {
      current.steps.push(step);
    }
  }
  return sessions;
}
