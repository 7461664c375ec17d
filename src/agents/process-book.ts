// Notes the programs of agents where the next gateway finds them, should this one be killed.
import type { Log } from "../lib/log.ts";
import { readIdentity, type Identity } from "../lib/process-identity.ts";

/** What outlives the gateway. */
export interface ProcessBook {
  record(identity: Identity): Promise<void>;
  forget(identity: Identity): Promise<void>;
}

/**
 * Notes a process; the answer takes the note back, once the process and its group are gone.
 *
 * Contract: neither rejects: a program runs without a note rather than not at all.
 */
export async function noteProcess(book: ProcessBook, pid: number, log: Log): Promise<() => Promise<void>> {
  const complain = (cause: unknown): void => log.warn(`process ${pid} could not be noted: ${String(cause)}`);
  const identity = await readIdentity(pid).catch(complain);
  if (identity === undefined) return async () => {};
  await book.record(identity).catch(complain);
  return async () => book.forget(identity).catch(complain);
}
