// Which agent answers a message, and by which session key it remembers.
import type { Handle } from "../model/handle.ts";
import { asId, type AccountId, type AgentId, type SessionKey } from "../model/ids.ts";
import type { ChatRef } from "../model/message.ts";
import type { Binding, DmScope, IdentityLink } from "../model/settings.ts";
import { entryNamesChat } from "../model/target.ts";
import type { Group } from "./group.ts";

/** What routing goes by. */
export interface RoutePolicy {
  readonly accountId: AccountId;
  readonly bindings: readonly Binding[];
  readonly defaultAgentId: AgentId;
  /** A pin on another agent does not count. */
  readonly agents: readonly { readonly id: AgentId }[];
  readonly dmScope: DmScope;
  readonly identityLinks: readonly IdentityLink[];
}

/** Where a message goes. */
export interface Route {
  readonly agentId: AgentId;
  readonly sessionKey: SessionKey;
  /** What chose the agent, in words. */
  readonly because: string;
}

/** A message with what is kept about its conversation. */
export interface RoutedMessage {
  readonly chat: ChatRef;
  readonly handle: Handle;
  /** Undefined: a direct chat. */
  readonly group: Group | undefined;
  readonly groupName: string;
  readonly pinnedAgent: AgentId | undefined;
}

type Choice = Pick<Route, "agentId" | "because">;

/** Routes a message: the pinned agent if there still is one, else the group's, else the first binding that matches, else the default. */
export function decideMessageRoute(policy: RoutePolicy, from: RoutedMessage): Route {
  const choice = pinned(policy, from) ?? groupsOwn(from.group) ?? configured(policy, from);
  const { agentId } = choice;
  const sessionKey = from.group
    ? asId<SessionKey>(`agent:${agentId}:imessage:group:${from.groupName}`)
    : directSessionKey(policy, agentId, from.handle);
  return { ...choice, sessionKey };
}

/**
 * The route of a message that waits: its own while there is its agent, else that of the agent that the configuration names now, with a
 * session key of the same kind.
 */
export function rerouteWaiting(
  policy: RoutePolicy,
  waiting: Pick<Route, "agentId" | "sessionKey">,
  from: () => Pick<RoutedMessage, "chat" | "handle" | "group">,
): Pick<Route, "agentId" | "sessionKey"> {
  if (policy.agents.some(({ id }) => id === waiting.agentId)) return waiting;
  const { agentId } = decideMessageRoute(policy, { ...from(), groupName: "", pinnedAgent: undefined });
  const rest = waiting.sessionKey.slice(`agent:${waiting.agentId}`.length);
  return { agentId, sessionKey: asId<SessionKey>(`agent:${agentId}${rest}`) };
}

/** Routes a direct message as the configuration alone says: the first binding that matches, else the default agent. */
export function decideRoute(policy: RoutePolicy, chat: ChatRef, handle: Handle): Route {
  return decideMessageRoute(policy, {
    chat,
    handle,
    group: undefined,
    groupName: "",
    pinnedAgent: undefined,
  });
}

function pinned({ agents }: RoutePolicy, { pinnedAgent }: RoutedMessage): Choice | undefined {
  if (pinnedAgent === undefined || !agents.some(({ id }) => id === pinnedAgent)) return undefined;
  return { agentId: pinnedAgent, because: `agent ${pinnedAgent} (pinned by /agent)` };
}

function groupsOwn(group: Group | undefined): Choice | undefined {
  const agentId = group?.settings?.agentId;
  if (agentId === undefined) return undefined;
  return { agentId, because: `agent ${agentId} (groups["${group?.exactKey ?? "*"}"].agentId)` };
}

function configured(policy: RoutePolicy, from: RoutedMessage): Choice {
  const at = policy.bindings.findIndex((binding) => bindingMatches(binding, policy.accountId, from));
  const agentId = policy.bindings[at]?.agentId ?? policy.defaultAgentId;
  return {
    agentId,
    because: at === -1 ? `agent ${agentId} (default)` : `agent ${agentId} (bindings[${at}])`,
  };
}

/** A handle names a person's direct chat: who speaks in a group does not change who answers there. */
function bindingMatches(binding: Binding, accountId: AccountId, from: RoutedMessage): boolean {
  if (binding.accountId !== undefined && binding.accountId !== accountId) return false;
  if (binding.peer === undefined || binding.peer.kind === "any") return true;
  if (binding.peer.kind === "handle") return !from.group && binding.peer.handle === from.handle;
  return entryNamesChat(binding.peer, from.chat);
}

function directSessionKey(policy: RoutePolicy, agentId: AgentId, handle: Handle): SessionKey {
  const person = personOf(policy.identityLinks, handle);
  switch (policy.dmScope) {
    case "main":
      return asId<SessionKey>(`agent:${agentId}:main`);
    case "per-peer":
      return asId<SessionKey>(`agent:${agentId}:direct:${person}`);
    case "per-channel-peer":
      return asId<SessionKey>(`agent:${agentId}:imessage:direct:${person}`);
    case "per-account-channel-peer":
      return asId<SessionKey>(`agent:${agentId}:imessage:${policy.accountId}:direct:${person}`);
  }
}

/**
 * The name of the link that has the handle, else the handle. A sender may call itself what a link is called (`AMAZON` is a handle): it is
 * told apart by a prefix that no link's name can have, and so is a handle that begins with the prefix.
 */
function personOf(links: readonly IdentityLink[], handle: Handle): string {
  const link = links.find((one) => one.handles.includes(handle));
  if (link) return link.name;
  const isTaken = handle.startsWith("handle:") || links.some((one) => one.name === handle);
  return isTaken ? `handle:${handle}` : handle;
}
