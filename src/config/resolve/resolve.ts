// A checked config to Settings: merged, defaulted, cross-checked and frozen.
import { parsePublicUrl, type PublicUrl } from "../../model/public-url.ts";
import type { GatewaySettings, Settings } from "../../model/settings.ts";
import type { ResolveContext } from "./context.ts";
import { expandPath } from "../places.ts";
import { resolveIdentityLinks } from "./identity-links.ts";
import { resolveAccounts } from "./accounts.ts";
import { resolveAgents, resolveBindings } from "./agents.ts";
import { resolveSessionReset } from "./session-reset.ts";
import { DEFAULTS, type WrittenConfig } from "../schema/schema.ts";
import { warnOfSurprises } from "./warnings.ts";

/**
 * Resolves a config that passed the schema. Contract: the result is deeply frozen, and only to be used when the context's
 * report has no faults.
 */
export function resolveSettings(config: WrittenConfig, version: string, context: ResolveContext): Settings {
  const { agents, defaultAgentId } = resolveAgents(config, context);
  const agentIds = agents.map((agent) => agent.id);
  const accounts = resolveAccounts(config, { ...context, agentIds });
  const bindings = resolveBindings(
    config,
    {
      agentIds,
      accountIds: [...accounts.running, ...accounts.stopped].map((account) => account.id),
    },
    context.report,
  );
  warnOfSurprises(config, { accounts, agents, defaultAgentId, bindings }, context);
  return deepFreeze({
    version,
    accounts: accounts.running,
    stoppedAccounts: accounts.stopped,
    agents,
    defaultAgentId,
    bindings,
    dmScope: config.session?.dmScope ?? DEFAULTS.dmScope,
    identityLinks: resolveIdentityLinks(config, context.report),
    sessionReset: resolveSessionReset(config, context.report),
    commands: {
      config: config.commands?.config ?? DEFAULTS.commandsConfig,
      useAccessGroups: config.commands?.useAccessGroups ?? DEFAULTS.useAccessGroups,
      allowSms: config.commands?.allowSms ?? DEFAULTS.allowSms,
    },
    debounceMs: config.messages?.inbound?.debounceMs ?? DEFAULTS.debounceMs,
    maxConcurrentTurns: config.agents?.defaults?.maxConcurrent ?? DEFAULTS.maxConcurrent,
    gateway: resolveGateway(config, context),
    storePath: resolveStorePath(config, context),
    logLevel: config.logging?.level ?? DEFAULTS.logLevel,
    warnings: context.report.warnings,
  });
}

function resolveGateway(config: WrittenConfig, context: ResolveContext): GatewaySettings {
  const { gatewayPort, gatewayToken } = context.environment;
  const written = config.gateway ?? {};
  return {
    bind: written.bind ?? DEFAULTS.bind,
    port: gatewayPort === undefined ? (written.port ?? DEFAULTS.port) : parsePort(gatewayPort, context),
    token: gatewayToken ?? written.token,
    publicUrls: (written.publicUrls ?? []).flatMap((text, index) => resolvePublicUrl(text, index, context)),
    metricsToken: written.metricsToken,
  };
}

function resolvePublicUrl(text: string, index: number, { report }: ResolveContext): readonly PublicUrl[] {
  const url = parsePublicUrl(text);
  if (!("reason" in url)) return [url];
  report.refuse(["gateway", "publicUrls", index], text, {
    reason: url.reason,
    hint: 'Write the address as the browser shows it, such as "https://mac.example/".',
  });
  return [];
}

function parsePort(text: string, context: ResolveContext): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  context.report.add({
    path: [],
    at: "outside",
    message: `CODERCLAW_GATEWAY_PORT is ${JSON.stringify(text)}: must be a whole number from 0 to 65535`,
    hint: "Correct the environment variable, or unset it.",
  });
  return DEFAULTS.port;
}

const SQLITE_URL_HINT = 'Write "sqlite:~/.coderclaw/state.db", or remove the key.';

function resolveStorePath(config: WrittenConfig, context: ResolveContext): string {
  const url = config.store?.url;
  if (url === undefined) return context.places.defaultStore;
  const path = /^sqlite:(?:\/\/(?=[/~]))?(.+)$/is.exec(url)?.[1];
  if (path !== undefined) return expandPath(path, context.baseDir);
  if (/^postgres(ql)?:/i.test(url))
    context.report.add({
      path: ["store", "url"],
      at: "key",
      message: "store.url with a postgres: URL is not supported yet by this version",
      hint: SQLITE_URL_HINT,
      unsupported: true,
    });
  else
    context.report.refuse(["store", "url"], url, {
      reason: "must be `sqlite:` and a path",
      hint: SQLITE_URL_HINT,
    });
  return context.places.defaultStore;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
