// What a command prints when it fails.

import { resolve } from "node:path";
import { expandHome } from "../read/attachments.ts";
import { DatabaseFailure } from "../read/store.ts";
import { RpcError } from "../rpc/error.ts";
import { startupFailureText } from "../rpc/startup-failure.ts";

/** The text of an error; `argv` names the database, if it was named. */
export function describeFailure(error: unknown, argv: readonly string[]): string {
  if (error instanceof DatabaseFailure) {
    const at = argv.indexOf("--db");
    const path = at === -1 ? undefined : argv[at + 1];
    return startupFailureText(error, resolve(expandHome(path ?? "~/Library/Messages/chat.db")));
  }
  if (error instanceof RpcError && typeof error.data === "string") return error.data;
  return error instanceof Error ? error.message : String(error);
}
