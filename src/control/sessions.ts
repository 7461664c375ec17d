// Sessions as a person sees them: what agents remember, shown or forgotten.
import { GatewayError } from "../model/errors.ts";
import { asId, type SessionKey } from "../model/ids.ts";
import type { SessionDetail, Store } from "../model/store.ts";

/** A session with its newest `limit` turns, newest first. Throws `session/unknown`. */
export async function showSession(store: Store, key: string, limit: number): Promise<SessionDetail> {
  const session = await store.sessions.show(asId<SessionKey>(key), limit);
  if (session === undefined) throw unknownSession(key);
  return session;
}

/** Makes the agent forget what was said in a session. Throws `session/unknown`. */
export async function resetSession(store: Store, key: string, nowMs: number): Promise<void> {
  if (!(await store.sessions.reset(asId<SessionKey>(key), nowMs))) throw unknownSession(key);
}

function unknownSession(key: string): GatewayError {
  return new GatewayError("session/unknown", `There is no session ${key}.`, {
    hint: "See `coderclaw sessions list`.",
  });
}
