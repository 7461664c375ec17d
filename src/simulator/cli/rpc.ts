// `imsg rpc`: JSON-RPC over stdin and stdout.

import { runRpc } from "../rpc/server.ts";
import type { CommandRun } from "./run.ts";

/** Serves until stdin closes, then ends the process even if a timer or a hung call is left. */
export const rpc: CommandRun = async (_values, setting) => process.exit(await runRpc(setting));
