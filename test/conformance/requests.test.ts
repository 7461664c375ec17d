// Every recorded request gets the recorded answer from the real executable, and every recorded watch its rows.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { play } from "./player.ts";
import { readSessions } from "./recording.ts";
import { World } from "./world.ts";

const FILES = [
  "01-chats-list.jsonl",
  "02-messages-history.jsonl",
  "03-protocol-errors-and-ids.jsonl",
  "04-long-lines-batch-pipelining.jsonl",
  "05-watch-subscribe-cursors.jsonl",
  "06-watch-live-inserts.jsonl",
  "08-watch-unsubscribe.jsonl",
  "09-watch-races-and-cache.jsonl",
  "10-watch-url-balloon.jsonl",
  "13-send-on-linux.jsonl",
  "14-other-methods-on-linux.jsonl",
];

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  world.destroy();
});

describe.each(FILES)("%s", (file) => {
  test.each(readSessions(file).map((session) => [`process ${session.p} ${session.title}`, session] as const))(
    "%s",
    async (_title, session) => {
      expect(await play(session, world)).toEqual([]);
    },
  );
});
