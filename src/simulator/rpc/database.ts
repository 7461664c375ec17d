// Owns the process's connections to the Messages database, as either generation of imsg keeps them.

import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { freshChats, rememberedChats } from "../read/chats.ts";
import { DatabaseFailure, MessageStore } from "../read/store.ts";
import type { Release } from "../release.ts";
import type { WatchSource } from "./subscriptions.ts";
import { ERROR, RpcError } from "./error.ts";

/** Where reading methods get their database. */
export interface Database {
  /** The database to read. Contract: throws RpcError when there is none. */
  source(): WatchSource;
  /** Why there is none; undefined when there is one. */
  problem(): string | undefined;
}

/** Up to 0.13: opened once at the start; chats are remembered for good, a replaced file is never noticed. */
export function openOnce(path: string, release: Release): Database {
  const store = MessageStore.open(path, release);
  const source: WatchSource = { store, chats: rememberedChats(store) };
  return { source: () => source, problem: () => undefined };
}

/** From 0.14: opened when needed, opened anew when the path leads to another file, retried after a failure. */
export function openWhenNeeded(path: string, release: Release): Database {
  let current: { source: WatchSource; identity: string } | undefined;

  const open = (): WatchSource => {
    const identity = fileIdentity(path);
    if (identity === undefined) throw unavailable(path, MISSING);
    if (current?.identity === identity) return current.source;
    current = undefined;
    try {
      const store = MessageStore.open(path, release);
      store.first("SELECT c.ROWID FROM chat c, message m LIMIT 1");
      const source: WatchSource = { store, chats: freshChats(store) };
      current = { source, identity };
      return source;
    } catch (error) {
      if (error instanceof DatabaseFailure) throw unavailable(path, UNREADABLE);
      throw error;
    }
  };
  return {
    source: open,
    problem() {
      try {
        open();
        return undefined;
      } catch (error) {
        if (error instanceof RpcError) return (error.data as { detail: string }).detail;
        throw error;
      }
    },
  };
}

/** A connection that may write, kept while the path leads to the same file. */
export function openWritable(path: string): () => DatabaseSync {
  let current: { db: DatabaseSync; identity: string } | undefined;
  return () => {
    const identity = fileIdentity(path);
    if (identity === undefined) throw unavailable(path, MISSING);
    if (current?.identity !== identity) {
      current?.db.close();
      current = { db: new DatabaseSync(path, { timeout: 5000 }), identity };
    }
    return current.db;
  };
}

const MISSING =
  "The configured Messages database does not exist. Create or copy chat.db at this path, then retry.";
const UNREADABLE =
  "The configured Messages database could not be opened read-only. Verify the path and grant Full Disk Access to the supervising process, then retry.";

function unavailable(path: string, detail: string): RpcError {
  return new RpcError(ERROR.databaseUnavailable, "Database unavailable", { path, detail, retryable: true });
}

function fileIdentity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? `${found.dev}:${found.ino}` : undefined;
}
