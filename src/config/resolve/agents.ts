// Agents and bindings: who answers, where they work, and what is sent to whom.
import { join } from "node:path";
import { asId, type AccountId, type AgentId } from "../../model/ids.ts";
import type { AgentSettings, Binding, RuntimeSettings } from "../../model/settings.ts";
import type { ResolveContext } from "./context.ts";
import { parsePeer } from "./entries.ts";
import { isPlainId, PLAIN_ID_HINT, requireKnown } from "./known-ids.ts";
import { channelRegion } from "./layers.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import { expandPath } from "../places.ts";
import type { Report } from "./report.ts";
import { mentionPatternsOf, refuseBadPatterns } from "./mentions.ts";
import { resolveRuntime } from "./runtime.ts";
import { DEFAULTS, type WrittenConfig } from "../schema/schema.ts";

type WrittenAgent = NonNullable<NonNullable<WrittenConfig["agents"]>["list"]>[number];
type WrittenBinding = NonNullable<WrittenConfig["bindings"]>[number];

/** The agents, and which of them takes what no binding names. */
export interface ResolvedAgents {
  readonly agents: readonly AgentSettings[];
  readonly defaultAgentId: AgentId;
}

/** Resolves `agents`; an empty list is one agent, `main`. */
export function resolveAgents(config: WrittenConfig, context: ResolveContext): ResolvedAgents {
  const list: readonly WrittenAgent[] = config.agents?.list ?? [];
  const written = list.length > 0 ? list : [{ id: DEFAULTS.agentId }];
  refuseBadAgents(written, context.report);
  refuseBadPatterns(config, written, context.report);
  const chosen = written.find((agent) => agent.default === true) ?? written[0];
  const defaultAgentId = asId<AgentId>(chosen?.id ?? DEFAULTS.agentId);
  const defaults = config.agents?.defaults ?? {};
  // One that every agent overrides is checked too.
  const shared = resolveRuntime(defaults.runtime, ["agents", "defaults", "runtime"], context.report);
  const runtimeOf = ({ runtime }: WrittenAgent, index: number): RuntimeSettings =>
    runtime === undefined
      ? shared
      : resolveRuntime(runtime, ["agents", "list", index, "runtime"], context.report);
  return {
    defaultAgentId,
    agents: written.map((agent, index) => ({
      id: asId<AgentId>(agent.id),
      name: agent.name ?? agent.id,
      runtime: runtimeOf(agent, index),
      workspace: resolveWorkspace(agent, config, { ...context, isDefault: agent.id === defaultAgentId }),
      mentionPatterns: mentionPatternsOf(agent, config),
      streaming: agent.streaming ?? defaults.streaming ?? DEFAULTS.streaming,
      longTurnMs: (agent.longTurnSeconds ?? defaults.longTurnSeconds ?? DEFAULTS.longTurnSeconds) * 1000,
    })),
  };
}

function resolveWorkspace(
  agent: WrittenAgent,
  config: WrittenConfig,
  context: ResolveContext & { readonly isDefault: boolean },
): string {
  const written = agent.workspace ?? config.agents?.defaults?.workspace;
  if (written !== undefined) return expandPath(written, context.baseDir);
  return join(context.places.stateDir, context.isDefault ? "workspace" : `workspace-${agent.id}`);
}

function refuseBadAgents(list: readonly WrittenAgent[], report: Report): void {
  const ids = new Set<string>();
  let defaults = 0;
  for (const [index, agent] of list.entries()) {
    const path = ["agents", "list", index, "id"];
    if (!isPlainId(agent.id))
      report.refuse(path, agent.id, { reason: "cannot be an agent id", hint: PLAIN_ID_HINT });
    if (ids.has(agent.id))
      report.refuse(path, agent.id, { reason: "another agent has this id", hint: "Give it another id." });
    ids.add(agent.id);
    defaults += agent.default === true ? 1 : 0;
    if (agent.default === true && defaults === 2)
      report.add({
        path: ["agents", "list", index, "default"],
        message: `${renderPath(["agents", "list", index, "default"])} is true: another agent is the default already`,
        hint: "Keep `default: true` on one agent.",
      });
  }
}

/** Resolves `bindings`; agents and accounts must exist. */
export function resolveBindings(
  config: WrittenConfig,
  known: { readonly agentIds: readonly string[]; readonly accountIds: readonly string[] },
  report: Report,
): readonly Binding[] {
  return (config.bindings ?? []).map((written, index) => {
    const path: ConfigPath = ["bindings", index];
    requireKnown(
      { id: written.agentId, path: [...path, "agentId"], ids: known.agentIds, what: "agent" },
      report,
    );
    const account = written.match.account;
    if (account !== undefined && known.accountIds.length > 0)
      requireKnown(
        { id: account, path: [...path, "match", "account"], ids: known.accountIds, what: "account" },
        report,
      );
    return {
      agentId: asId<AgentId>(written.agentId),
      accountId: account === undefined ? undefined : asId<AccountId>(account),
      peer: resolvePeer(
        written,
        { path: [...path, "match"], region: bindingRegion(config, account) },
        report,
      ),
    };
  });
}

function resolvePeer(
  { match }: WrittenBinding,
  { path, region }: { readonly path: ConfigPath; readonly region: string },
  report: Report,
): Binding["peer"] {
  if (match.chat !== undefined && match.handle !== undefined)
    report.add({
      path,
      message: `${renderPath(path)} has both chat and handle`,
      hint: "Keep one of them; write a second binding for the other.",
    });
  if (match.chat !== undefined)
    return parsePeer({ text: match.chat, path: [...path, "chat"], region }, "chat", report);
  if (match.handle === undefined) return undefined;
  return parsePeer({ text: match.handle, path: [...path, "handle"], region }, "handle", report);
}

function bindingRegion(config: WrittenConfig, account: string | undefined): string {
  const accounts = config.channels?.imessage?.accounts ?? {};
  const own = account !== undefined && Object.hasOwn(accounts, account) ? accounts[account] : undefined;
  return own?.region?.toUpperCase() ?? channelRegion(config);
}
