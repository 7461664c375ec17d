// Who can reach which agent: the people a configuration and its approvals let in, counted for warnings.
import type { Handle } from "../../model/handle.ts";
import { asId, type AccountId, type AgentId } from "../../model/ids.ts";
import type { ChatRef } from "../../model/message.ts";
import type { PairingGrant } from "../../model/store.ts";
import type { AccountSettings, Settings } from "../../model/settings.ts";
import { renderEntry, type AllowEntry } from "../../model/target.ts";
import { decideRoute } from "../../rules/route.ts";
import { groupRoutes } from "./group-reach.ts";

/** Who may write to one account directly. */
export interface Reach {
  /** Entries of the allowlist and approved handles, each once. */
  readonly people: readonly string[];
  /** Anybody may. */
  readonly anyone: boolean;
}

/** Who may write to an account. Approvals count under `pairing` only. */
export function reachOf(account: AccountSettings, grants: readonly PairingGrant[]): Reach {
  if (account.dmPolicy === "disabled") return { people: [], anyone: false };
  const isAny = (entry: AllowEntry): boolean => entry.kind === "any";
  const listed = account.allowFrom.filter((entry) => !isAny(entry)).map(renderEntry);
  const paired = account.dmPolicy === "pairing" ? grantsOf(account, grants).map((grant) => grant.handle) : [];
  return {
    people: [...new Set([...listed, ...paired])],
    anyone: account.dmPolicy === "open" || account.allowFrom.some(isAny),
  };
}

/** Owners that no account lets in, neither directly nor in a group: they are strangers who may give commands. */
export function ownersShutOut(settings: Settings, grants: readonly PairingGrant[]): readonly Handle[] {
  const owners = new Set(settings.accounts.flatMap((account) => account.owners));
  return [...owners].filter((owner) => !settings.accounts.some((account) => letsIn(account, owner, grants)));
}

/** A list that names a chat may let in anybody. */
function letsIn(account: AccountSettings, handle: Handle, grants: readonly PairingGrant[]): boolean {
  const { groupPolicy, groups, groupAllowFrom, allowFrom } = account;
  const names = (list: readonly AllowEntry[]): boolean =>
    list.some((entry) => entry.kind !== "handle" || entry.handle === handle);
  const { people, anyone } = reachOf(account, grants);
  // Listed and yet not let in is a policy that shuts everybody out: that is no surprise.
  if (anyone || people.includes(handle) || names(allowFrom)) return true;
  if (groupPolicy !== "allowlist") return groupPolicy === "open";
  return names(groupAllowFrom) || groups.some((group) => names(group.allowFrom ?? []));
}

/** The approvals of one account. */
export function grantsOf(account: AccountSettings, grants: readonly PairingGrant[]): readonly PairingGrant[] {
  return grants.filter((grant) => grant.accountId === account.id);
}

/**
 * Agents that more than one person can reach in direct chats while all of them share one memory; empty under any other `dmScope`. The
 * handles of an identity link are one person; every group has a memory of its own.
 */
export function sharedMemories(settings: Settings, grants: readonly PairingGrant[]): readonly AgentId[] {
  if (settings.dmScope !== "main") return [];
  return reachedBySeveral(
    settings.accounts.map((account) => routes(settings, account, reachOf(account, grants))),
  );
}

/** Whose memory somebody shares who may write to an account directly; undefined: nobody's. */
export interface SharedMemory {
  readonly agentId: AgentId;
  /** The others, as they are listed. */
  readonly people: readonly string[];
  /** Anybody who writes shares it too. */
  readonly anyone: boolean;
}

/** With whom somebody shares one memory of the agent that answers them; see `sharedMemories`. */
export function memoryOf(
  settings: Settings,
  grants: readonly PairingGrant[],
  who: Pick<PairingGrant, "accountId" | "handle">,
): SharedMemory | undefined {
  if (settings.dmScope !== "main") return undefined;
  const { agentId } = decideRoute({ ...settings, accountId: who.accountId }, NO_CHAT, who.handle);
  const self = personOf(settings, who.handle);
  const sharing = settings.accounts.flatMap((account) => {
    const policy = { ...settings, accountId: account.id };
    const { people, anyone } = reachOf(account, grants);
    const there = people.filter(
      (one) =>
        decideRoute(policy, NO_CHAT, one as Handle).agentId === agentId && personOf(settings, one) !== self,
    );
    return [{ people: there, anyone: anyone && decideRoute(policy, NO_CHAT, ANYBODY).agentId === agentId }];
  });
  const people = [...new Set(sharing.flatMap((one) => one.people))];
  const anyone = sharing.some((one) => one.anyone);
  return people.length === 0 && !anyone ? undefined : { agentId, people, anyone };
}

/** Agents that do whatever they like (`permissions: "allow"`) for more than one person, in direct chats or in groups. */
export function unasked(settings: Settings, grants: readonly PairingGrant[]): readonly AgentId[] {
  const several = reachedBySeveral([
    ...settings.accounts.map((account) => routes(settings, account, reachOf(account, grants))),
    ...settings.accounts.map((account) => groupPeople(settings, account)),
  ]);
  const allowed = settings.agents.filter(
    ({ runtime }) => runtime.type === "acp" && runtime.permissions === "allow",
  );
  return allowed.map(({ id }) => id).filter((id) => several.includes(id));
}

/** Agents that ask before they act, with the account in which somebody can make them ask and no owner can be asked. */
export function ownerless(
  settings: Settings,
  grants: readonly PairingGrant[],
): readonly { readonly agentId: AgentId; readonly accountId: AccountId }[] {
  const asking = settings.agents.filter(
    ({ runtime }) => runtime.type === "acp" && runtime.permissions === "ask",
  );
  return settings.accounts
    .filter(({ notified }) => notified.length === 0)
    .flatMap((account) => {
      const people = [
        ...routes(settings, account, reachOf(account, grants)),
        ...groupPeople(settings, account),
      ];
      const reached = new Set(people.map(([agentId]) => agentId));
      return asking
        .filter(({ id }) => reached.has(id))
        .map(({ id }) => ({ agentId: id, accountId: account.id }));
    });
}

function reachedBySeveral(all: readonly Iterable<[AgentId, string]>[]): readonly AgentId[] {
  const reached = new Map<AgentId, Set<string>>();
  for (const one of all)
    for (const [agentId, person] of one)
      reached.set(agentId, (reached.get(agentId) ?? new Set()).add(person));
  return [...reached].filter(([, people]) => people.size > 1).map(([agentId]) => agentId);
}

/** Agent and person, for those who reach an agent in groups. An entry that names a chat lets in whoever writes there. */
function* groupPeople(settings: Settings, account: AccountSettings): Iterable<[AgentId, string]> {
  for (const [agentId, list] of groupRoutes(settings, account)) {
    const isAnyone = list === undefined || list.some((entry) => entry.kind !== "handle");
    const people = isAnyone ? ANYONE : list.map(renderEntry);
    for (const person of people) yield [agentId, personOf(settings, person)];
  }
}

/** Somebody whom no binding names. */
const ANYBODY = "anyone" as Handle;
/** Anyone is more than one. */
const ANYONE = ["anyone", "anyone else"];

/** A handle, or the link that makes it one person with others. */
function personOf({ identityLinks }: Settings, handle: string): string {
  const link = identityLinks.find(({ handles }) => handles.includes(handle as Handle));
  return link === undefined ? handle : `link ${link.name}`;
}

/** Agent and person, for everybody who reaches an agent in a direct chat. */
function* routes(settings: Settings, account: AccountSettings, reach: Reach): Iterable<[AgentId, string]> {
  const people = reach.anyone ? [...reach.people, ...ANYONE] : reach.people;
  const policy = { ...settings, accountId: account.id };
  for (const person of people) {
    const { agentId } = decideRoute(policy, NO_CHAT, person as Handle);
    yield [agentId, personOf(settings, person)];
  }
}

const NO_CHAT: ChatRef = {
  chatId: asId(0),
  chatGuid: asId(""),
  chatIdentifier: "",
  chatName: "",
  participants: [],
  isGroup: false,
};
