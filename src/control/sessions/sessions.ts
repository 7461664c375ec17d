// Sessions as a person sees them: what agents remember, shown or forgotten.
import { GatewayError } from "../../model/errors.ts";
import { asId, type SessionKey } from "../../model/ids.ts";
import type { SessionDetail, Store } from "../../model/store.ts";

/** A session with what the agent itself calls it; undefined: it keeps none, or has not begun it yet. */
export interface ShownSession extends SessionDetail {
  readonly nativeId: string | undefined;
}

/** A session with its newest `limit` turns, newest first. Throws `session/unknown`. */
export async function showSession(store: Store, key: string, limit: number): Promise<ShownSession> {
  const session = await store.sessions.show(asId<SessionKey>(key), limit);
  if (session === undefined) throw unknownSession(key);
  const native = await store.agentSessions.find(session.agentId, session.sessionId);
  return { ...session, nativeId: native?.nativeId };
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
