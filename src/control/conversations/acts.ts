// What an owner does in a conversation from outside of it: write, stop, begin a new session, mute.
import type { Actor } from "../../model/activity.ts";
import { GatewayError } from "../../model/errors.ts";
import type { PartId } from "../../model/ids.ts";
import { sendMessage } from "../messages/send.ts";
import { resetSession } from "../sessions/sessions.ts";
import type { RunningGateway } from "../status/running.ts";
import { nameOf, requireConversation } from "./list.ts";
import type { Store } from "../../model/store.ts";

/** Who does something, and when. */
export interface Done {
  readonly by: Actor;
  readonly nowMs: number;
}

/** Writes a message there, as ours; the answer has the ids of the messages it becomes. Rejects as `sendMessage` does. */
export async function writeIn(
  running: RunningGateway,
  idText: string,
  { text, nowMs }: { readonly text: string; readonly nowMs: number },
): Promise<readonly PartId[]> {
  const { id, accountId } = await requireConversation(running.store, idText);
  const target = await running.store.conversationActs.target(id);
  if (target === undefined)
    throw new GatewayError("send/no-target", "The Messages database no longer names this chat.", {
      hint: "Wait for the next message in it, or write by `coderclaw message send`.",
    });
  const { parts } = await sendMessage(
    running,
    { accountId, target, text, file: undefined, waitMs: 0 },
    () => nowMs,
  );
  return parts.map((part) => part.id);
}

/** Ends the turn that runs and drops what waits; the answer says what that was. Throws `conversation/unknown`. */
export async function stopConversation(running: RunningGateway, idText: string, done: Done): Promise<string> {
  const { id, accountId } = await requireConversation(running.store, idText);
  const { stopped, dropped } = await running.store.conversationActs.stop(id, done);
  if (stopped !== undefined) running.endTurn(accountId, stopped);
  running.nudge(accountId);
  if (stopped === undefined && dropped === 0) return "Nothing was running";
  const waiting = dropped === 1 ? "1 waiting message" : `${dropped} waiting messages`;
  const rest = dropped === 0 ? "" : `; ${waiting} will not be answered`;
  return `${stopped === undefined ? "Nothing was running" : "Stopped"}${rest}`;
}

/** Has the agent forget what was said there. Throws `conversation/unknown`, `session/unknown`. */
export async function renewSession(store: Store, idText: string, { by, nowMs }: Done): Promise<string> {
  const view = await requireConversation(store, idText);
  const session = await store.views.lastSession(view.id);
  if (session === undefined)
    throw new GatewayError("session/unknown", "No agent has answered in this conversation yet.", {
      hint: "There is nothing to forget: the next message begins a session.",
    });
  await resetSession(store, session.key, nowMs);
  const { accountId, id: conversationId } = view;
  const text = `had agent ${session.agentId} forget session ${session.key}`;
  await store.activity.note({ atMs: nowMs, kind: "session", actor: by, accountId, conversationId, text });
  return "New session: what was said before is forgotten";
}

/** Has nothing be answered there, or everything again. Throws `conversation/unknown`. */
export async function muteConversation(
  store: Store,
  idText: string,
  { isMuted, ...done }: Done & { readonly isMuted: boolean },
): Promise<string> {
  const view = await requireConversation(store, idText);
  await store.conversationActs.mute(view.id, isMuted, done);
  const name = nameOf(view);
  return isMuted
    ? `${name} is muted: messages there are not answered, commands are`
    : `${name} is not muted: messages there are answered again`;
}
