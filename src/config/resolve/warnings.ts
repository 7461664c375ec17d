// Warnings: what is valid and runs, but surely not as meant.
import type { AccountSettings, AgentSettings, Binding, GroupSettings } from "../../model/settings.ts";
import type { ResolveContext } from "./context.ts";
import { CHANNEL, listLayers, sectionOf, writtenAt, type Layers } from "./layers.ts";
import { renderPath } from "../read/path.ts";
import type { Report } from "./report.ts";
import type { ResolvedAccounts } from "./accounts.ts";
import { mentionPatternsPath } from "./mentions.ts";
import type { WrittenConfig } from "../schema/schema.ts";

/** What was resolved. */
export interface Resolved {
  readonly accounts: ResolvedAccounts;
  readonly agents: readonly AgentSettings[];
  readonly defaultAgentId: AgentSettings["id"];
  readonly bindings: readonly Binding[];
}

/** Warns of everything in a config that surely is not meant. */
export function warnOfSurprises(config: WrittenConfig, resolved: Resolved, context: ResolveContext): void {
  const { running, stopped } = resolved.accounts;
  if (running.length === 0) warnNoAccount(stopped.length > 0, context);
  warnWholeAnswers(config, resolved.agents, context.report);
  const layersOf = new Map(listLayers(config).map((layers) => [layers.id, layers]));
  for (const account of running) {
    const layers = layersOf.get(account.id);
    if (layers === undefined) continue;
    warnUnreachable(account, layers, context.report);
    warnSilent(account, layers, context.report);
    if (!areGroupsMeant(layers)) continue;
    if (account.groupPolicy === "disabled") warnUseless(account, layers, context.report);
    else if (!warnUnreachableInGroups(account, layers, context.report))
      warnUnmentionable(account, config, { ...resolved, report: context.report });
  }
}

/** What is answered whole has no paragraphs to be sent before its end. */
function warnWholeAnswers(config: WrittenConfig, agents: readonly AgentSettings[], report: Report): void {
  for (const [index, written] of (config.agents?.list ?? []).entries()) {
    const type = agents[index]?.runtime.type;
    if (written.streaming !== "paragraphs" || (type !== "command" && type !== "echo")) continue;
    const path = ["agents", "list", index, "streaming"];
    report.warn(
      path,
      `${renderPath(path)} does nothing: ${type === "echo" ? "the echo" : "a command agent"} gives its answer whole`,
      "Remove it, or set it on an agent that writes bit by bit (acp, model).",
    );
  }
}

function warnNoAccount(hasStopped: boolean, { file, report }: ResolveContext): void {
  if (hasStopped)
    report.warn(
      CHANNEL,
      "Every account is disabled: no messages are read",
      "Set `enabled: true` where it is false.",
    );
  else
    report.warn(
      CHANNEL,
      "No account is configured: no messages are read",
      `Add \`channels: { imessage: { cliPath: "imsg" } }\` to ${file}, or run \`coderclaw config set channels.imessage.cliPath imsg\`.`,
    );
}

function warnUnreachable({ id, dmPolicy, allowFrom }: AccountSettings, layers: Layers, report: Report): void {
  if (dmPolicy !== "allowlist" || allowFrom.length > 0) return;
  const path = [...sectionOf(layers, ["dmPolicy", "allowFrom"]), "allowFrom"];
  report.warn(
    path,
    `Nobody can reach account ${id}: dmPolicy is "allowlist" and allowFrom is empty`,
    `Add the handles that may write to ${renderPath(path)}.`,
  );
}

function warnSilent({ id, allowTo }: AccountSettings, layers: Layers, report: Report): void {
  if (allowTo === undefined || allowTo.length > 0) return;
  const path = [...sectionOf(layers, ["allowTo"]), "allowTo"];
  report.warn(
    path,
    `Account ${id} can answer nobody: allowTo is empty`,
    `Add to ${renderPath(path)} where messages may be sent, or remove it.`,
  );
}

/** Groups are on nobody's mind where no key speaks of them: the defaults let nobody in there, and that is no surprise. */
function areGroupsMeant({ own, channel }: Layers): boolean {
  return [own, channel].some(
    ({ groupPolicy, groupAllowFrom, groups }) =>
      groupPolicy !== undefined || groupAllowFrom !== undefined || groups !== undefined,
  );
}

function warnUseless({ id, groups }: AccountSettings, layers: Layers, report: Report): void {
  if (groups.length === 0) return;
  report.warn(
    writtenAt(layers, "groups"),
    `The groups of account ${id} are not answered: groupPolicy is "disabled"`,
    `Set ${renderPath(writtenAt(layers, "groupPolicy"))} to "allowlist" or "open", or remove the groups.`,
  );
}

/** The groups that may be answered by someone's message; `undefined` stands for every group when `groups` names none. */
function reachableGroups(account: AccountSettings): readonly (GroupSettings | undefined)[] {
  const listed = (group: GroupSettings | undefined) => group?.allowFrom ?? account.groupAllowFrom;
  const isReachable = (group: GroupSettings | undefined) =>
    group?.enabled !== false &&
    (listed(group).length > 0 || (account.groupPolicy === "open" && group?.allowFrom === undefined));
  return (account.groups.length === 0 ? [undefined] : account.groups).filter(isReachable);
}

function warnUnreachableInGroups(account: AccountSettings, layers: Layers, report: Report): boolean {
  if (reachableGroups(account).length > 0) return false;
  // Groups that are switched off, or that have lists of their own, were meant so.
  const isMeant = account.groups.some((group) => group.enabled && group.allowFrom === undefined);
  if (account.groups.length > 0 && !isMeant) return true;
  const path = [
    ...sectionOf(layers, ["groupPolicy", "groupAllowFrom", "groups", "allowFrom"]),
    "groupAllowFrom",
  ];
  report.warn(
    path,
    `Nobody can reach account ${account.id} in groups: groupPolicy is "allowlist", and groupAllowFrom and allowFrom are empty`,
    `Add the handles that may write in groups to ${renderPath(path)}.`,
  );
  return true;
}

function warnUnmentionable(
  account: AccountSettings,
  config: WrittenConfig,
  resolved: Resolved & { readonly report: Report },
): void {
  const gated = reachableGroups(account).filter((group) => group?.requireMention !== false);
  const agentIds = new Set(gated.flatMap((group) => answering(group, account, resolved)));
  for (const { id, mentionPatterns } of resolved.agents) {
    if (!agentIds.has(id) || mentionPatterns.length > 0) continue;
    const path = mentionPatternsPath(config, id);
    resolved.report.warn(
      path,
      `Mention gating cannot be enforced for agent ${id}: it has no mention patterns, so it answers everything in its groups`,
      `Add what it is called to ${renderPath(path)}, or set \`requireMention: false\` for the groups.`,
    );
  }
}

/** The agents that may answer in a group, by what is known without a message. */
function answering(
  group: GroupSettings | undefined,
  account: AccountSettings,
  { bindings, defaultAgentId }: Resolved,
): readonly AgentSettings["id"][] {
  if (group?.agentId !== undefined) return [group.agentId];
  const bound = bindings.filter(
    ({ accountId, peer }) => (accountId ?? account.id) === account.id && peer?.kind !== "handle",
  );
  const takesAll = bound.findIndex(({ peer }) => peer === undefined);
  if (takesAll === -1) return [...bound.map(({ agentId }) => agentId), defaultAgentId];
  return bound.slice(0, takesAll + 1).map(({ agentId }) => agentId);
}
