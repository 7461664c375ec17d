// Which agent answers a direct message, and by which session key it remembers.
import type { Handle } from "../model/handle.ts";
import { asId, type AccountId, type AgentId, type SessionKey } from "../model/ids.ts";
import type { ChatRef } from "../model/message.ts";
import type { Binding, DmScope } from "../model/settings.ts";
import { entryNamesChat } from "../model/target.ts";

/** What routing goes by. */
export interface RoutePolicy {
  readonly accountId: AccountId;
  readonly bindings: readonly Binding[];
  readonly defaultAgentId: AgentId;
  readonly dmScope: DmScope;
}

/** Where a message goes. */
export interface Route {
  readonly agentId: AgentId;
  readonly sessionKey: SessionKey;
  /** Which binding chose the agent, in words. */
  readonly because: string;
}

/** Routes a direct message: the first binding that matches, else the default agent. */
export function decideRoute(policy: RoutePolicy, chat: ChatRef, handle: Handle): Route {
  const at = policy.bindings.findIndex((binding) =>
    bindingMatches(binding, policy.accountId, { chat, handle }),
  );
  const agentId = policy.bindings[at]?.agentId ?? policy.defaultAgentId;
  return {
    agentId,
    sessionKey: directSessionKey(policy, agentId, handle),
    because: at === -1 ? `agent ${agentId} (default)` : `agent ${agentId} (bindings[${at}])`,
  };
}

function bindingMatches(
  binding: Binding,
  accountId: AccountId,
  from: { readonly chat: ChatRef; readonly handle: Handle },
): boolean {
  if (binding.accountId !== undefined && binding.accountId !== accountId) return false;
  if (binding.peer === undefined) return true;
  if (binding.peer.kind === "any") return true;
  if (binding.peer.kind === "handle") return binding.peer.handle === from.handle;
  return entryNamesChat(binding.peer, from.chat);
}

function directSessionKey(policy: RoutePolicy, agentId: AgentId, handle: Handle): SessionKey {
  switch (policy.dmScope) {
    case "main":
      return asId<SessionKey>(`agent:${agentId}:main`);
    case "per-peer":
      return asId<SessionKey>(`agent:${agentId}:direct:${handle}`);
    case "per-channel-peer":
      return asId<SessionKey>(`agent:${agentId}:imessage:direct:${handle}`);
    case "per-account-channel-peer":
      return asId<SessionKey>(`agent:${agentId}:imessage:${policy.accountId}:direct:${handle}`);
  }
}
