// Conversations as people look for them: the list, and one of them with who is in it and who answers there.
import { GatewayError } from "../../model/errors.ts";
import type { Handle } from "../../model/handle.ts";
import { asId, type AgentId, type ConversationId, type EntryId } from "../../model/ids.ts";
import type { Settings } from "../../model/settings.ts";
import type { Store } from "../../model/store.ts";
import type { ConversationView, ConversationWriter } from "../../model/views.ts";
import { groupOf } from "../../rules/group.ts";
import { decideMessageRoute } from "../../rules/route.ts";
import { checkAccountId } from "../accounts.ts";
import { clipText, makePage, readNumberKey, type Page } from "../page/piece.ts";
import { grantsOf } from "../status/reach.ts";

/** One conversation of a list. */
export interface ConversationItem {
  readonly id: number;
  readonly accountId: string;
  /** The chat's name; where it has none, the people in it. */
  readonly name: string;
  readonly isGroup: boolean;
  /** The one other person of a direct chat. */
  readonly peer: string | undefined;
  readonly lastAtMs: number;
  /** Who wrote last; undefined: we did. */
  readonly lastFrom: string | undefined;
  /** Clipped. */
  readonly lastText: string;
  /** An agent is at work. */
  readonly isRunning: boolean;
  /** Messages that wait for an agent. */
  readonly waiting: number;
  readonly isMuted: boolean;
}

/** One conversation with what stands around its timeline. */
export interface ConversationAnswer {
  readonly conversation: ConversationItem;
  /** Who answered there last, or would answer now. */
  readonly agent: { readonly id: string; readonly name: string };
  readonly session:
    | { readonly key: string; readonly turns: number; readonly createdAtMs: number }
    | undefined;
  /** Those who wrote there, the latest first. */
  readonly people: readonly ConversationPerson[];
  /** Why nothing can be written there by hand; undefined: it can. */
  readonly cannotSend: string | undefined;
}

export interface ConversationPerson {
  readonly handle: string;
  readonly name: string | undefined;
  /** `asked`: waits to be approved. */
  readonly access: "owner" | "allowed" | "paired" | "asked" | "none";
}

/** Which conversations; all texts as people gave them. */
export interface ConversationsChoice {
  readonly account?: string | undefined;
  readonly search?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

const LONGEST_SEARCH = 100;
const LONGEST_NAME = 120;
const LONGEST_TEXT = 200;
/** Names in place of a chat's name. */
const MOST_NAMES = 4;

/** What conversations are read from. */
export interface ConversationsPlace {
  readonly settings: Settings;
  readonly store: Store;
}

/** The conversations, the one with the newest message first. Throws `account/unknown`, `cli/usage`. */
export async function listConversations(
  { settings, store }: ConversationsPlace,
  { account, search = "", before, limit }: ConversationsChoice,
): Promise<Page<ConversationItem>> {
  const rows = await store.views.conversations({
    accountId: checkAccountId(settings, account),
    search: search.trim().slice(0, LONGEST_SEARCH),
    before: readNumberKey(before) as EntryId | undefined,
    limit: limit + 1,
  });
  return makePage(rows.slice(0, limit), {
    show: itemOf,
    keyOf: ({ lastEntry }) => `${lastEntry}`,
    isMore: rows.length > limit,
  });
}

/** One conversation. Throws `conversation/unknown`. */
export async function showConversation(
  { settings, store }: ConversationsPlace,
  idText: string,
  nowMs: number,
): Promise<ConversationAnswer> {
  const view = await requireConversation(store, idText);
  const [session, writers] = await Promise.all([
    store.views.lastSession(view.id),
    store.views.people(view.id),
  ]);
  const agentId = session?.agentId ?? agentFor(settings, view);
  const agent = settings.agents.find(({ id }) => id === agentId);
  const isConfigured = settings.accounts.some(({ id }) => id === view.accountId);
  return {
    conversation: itemOf(view),
    agent: { id: agentId, name: agent?.name ?? agentId },
    session: session && { key: session.key, turns: session.turns, createdAtMs: session.createdAtMs },
    people: await peopleOf({ settings, store }, view, { writers, nowMs }),
    cannotSend: isConfigured ? undefined : `Account ${view.accountId} is not in the config, or disabled.`,
  };
}

/** Who would answer the newest message, were it to be answered. */
function agentFor(settings: Settings, { accountId, peer, last }: ConversationView): AgentId {
  const account = settings.accounts.find(({ id }) => id === accountId);
  const handle = (peer ?? last?.message.sender) as Handle | undefined;
  if (account === undefined || last === undefined || handle === undefined) return settings.defaultAgentId;
  const chat = last.message;
  const from = { chat, handle, group: groupOf(account, chat), groupName: "", pinnedAgent: undefined };
  return decideMessageRoute({ ...settings, accountId }, from).agentId;
}

/** The conversation with this number. Throws `conversation/unknown`. */
export async function requireConversation(store: Store, idText: string): Promise<ConversationView> {
  const id = /^\d{1,15}$/.test(idText) ? asId<ConversationId>(Number(idText)) : undefined;
  const view = id === undefined ? undefined : await store.views.conversation(id);
  if (view !== undefined) return view;
  throw new GatewayError(
    "conversation/unknown",
    `There is no conversation ${JSON.stringify(idText.slice(0, 40))}.`,
    {
      hint: "See them with `coderclaw conversations list`.",
    },
  );
}

async function peopleOf(
  { settings, store }: ConversationsPlace,
  { accountId, peer }: ConversationView,
  { writers, nowMs }: { readonly writers: readonly ConversationWriter[]; readonly nowMs: number },
): Promise<readonly ConversationPerson[]> {
  const account = settings.accounts.find(({ id }) => id === accountId);
  const paired = account === undefined ? [] : grantsOf(account, await store.pairings.approved());
  const asking = (await store.pairings.pending(nowMs)).filter((one) => one.accountId === accountId);
  const isListed = (handle: string): boolean =>
    account?.allowFrom.some((entry) => entry.kind === "handle" && entry.handle === handle) ?? false;
  const accessOf = (handle: string): ConversationPerson["access"] => {
    if (account?.owners.some((owner) => owner === handle)) return "owner";
    if (isListed(handle)) return "allowed";
    if (paired.some((grant) => grant.handle === handle)) return "paired";
    return asking.some((request) => request.handle === handle) ? "asked" : "none";
  };
  const silent = peer !== undefined && writers.every(({ handle }) => handle !== peer) ? [peer] : [];
  return [...writers, ...silent.map((handle) => ({ handle, name: undefined }))].map(({ handle, name }) => ({
    handle,
    name: name === undefined ? undefined : clipText(name, LONGEST_NAME).text,
    access: accessOf(handle),
  }));
}

function itemOf(view: ConversationView): ConversationItem {
  const { message, receivedAtMs } = view.last ?? {};
  return {
    id: view.id,
    accountId: view.accountId,
    name: clipText(nameOf(view), LONGEST_NAME).text,
    isGroup: view.isGroup,
    peer: view.peer,
    lastAtMs: receivedAtMs ?? 0,
    lastFrom: message === undefined || message.isFromMe ? undefined : message.sender,
    lastText: message === undefined ? "" : clipText(describeMessage(message), LONGEST_TEXT).text,
    isRunning: view.isRunning,
    waiting: view.waiting,
    isMuted: view.isMuted,
  };
}

/** What people know a conversation by. */
export function nameOf({ name, peer, last, chatIdentifier }: ConversationView): string {
  if (name !== "") return name;
  if (peer !== undefined) return peer;
  const people = last?.message.participants ?? [];
  const rest = people.length - MOST_NAMES;
  const names = [...people.slice(0, MOST_NAMES), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return names === "" ? chatIdentifier : names;
}

function describeMessage({
  text,
  attachments,
  reaction,
}: NonNullable<ConversationView["last"]>["message"]): string {
  if (reaction !== undefined) return `${reaction.emoji} (${reaction.added ? "added" : "taken back"})`;
  const written = text.replaceAll("\uFFFC", "").trim();
  if (written !== "") return written;
  return attachments.map(({ name }) => `[${name}]`).join(" ");
}
