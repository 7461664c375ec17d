// Attachments converted with ffmpeg; a stand-in for ffmpeg makes the test the same everywhere.

import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { play } from "./player.ts";
import { readSessions } from "./recording.ts";
import { World } from "./world.ts";

/** Writes its last argument, unless the input is the broken file. */
const FFMPEG = `#!/bin/sh
case "$*" in *broken.gif*) exit 1;; esac
for last; do :; done
echo converted > "$last"
`;
const FILES = [
  [100, "Audio Message.caf", "com.apple.coreaudio-format", "audio/x-caf", 26_590],
  [101, "anim.gif", "com.compuserve.gif", "image/gif", 2540],
  [102, "broken.gif", "com.compuserve.gif", "image/gif", 9],
  [103, "report.pdf", "com.adobe.pdf", "application/pdf", 24],
] as const;
const CHAT = 3;
const FIRST_NANOSECONDS = 801_993_600_000_000_000n; // 2026-06-01T08:00:00Z
const MINUTE = 60_000_000_000n;

let world: World;

beforeEach(() => {
  world = new World();
  world.writeFile("/bin/ffmpeg", FFMPEG);
  chmodSync(world.path("/bin/ffmpeg"), 0o755);
  const db = new DatabaseSync(world.path("/data/chat.db"));
  for (const [rowId, name, uti, mime, bytes] of FILES) {
    const path = `/home/user/files/${name}`;
    world.writeFile(path, name);
    const date = FIRST_NANOSECONDS + BigInt(rowId - 100) * MINUTE;
    const hex = rowId.toString(16).toUpperCase();
    db.prepare("INSERT INTO message (ROWID, guid, text, handle_id, date) VALUES (?, ?, '\uFFFC', 3, ?)").run(
      rowId,
      `A00000${hex}-0000-4000-8000-0000000000${hex}`,
      date,
    );
    db.prepare("INSERT INTO chat_message_join VALUES (?, ?, ?)").run(CHAT, rowId, date);
    db.prepare(
      `INSERT INTO attachment (ROWID, guid, original_guid, filename, transfer_name, uti, mime_type, total_bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(rowId, `a${rowId}`, `a${rowId}`, world.path(path), name, uti, mime, bytes);
    db.prepare("INSERT INTO message_attachment_join VALUES (?, ?)").run(rowId, rowId);
  }
  db.close();
});

afterEach(() => {
  world.destroy();
});

test.each(readSessions("18-convert-attachments.jsonl").map((session) => [session.title, session] as const))(
  "%s",
  async (_title, session) => {
    const env = { PATH: world.path("/bin"), XDG_CACHE_HOME: world.path("/home/user/cache") };
    // A copy's name holds a digest of path, size and time.
    const normalize = (text: string): string => text.replaceAll(/-[0-9a-f]{16}\./gu, "-digest.");
    expect(await play(session, world, { env, normalize })).toEqual([]);
  },
);
