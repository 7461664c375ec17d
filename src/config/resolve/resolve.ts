// A checked config to Settings: merged, defaulted, cross-checked and frozen.
import { isIP } from "node:net";
import { parsePublicUrl, type PublicUrl } from "../../model/public-url.ts";
import type { GatewaySettings, Settings } from "../../model/settings.ts";
import type { ResolveContext } from "./context.ts";
import { expandPath } from "../places.ts";
import { REDACTED } from "../read/problem.ts";
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
    bind: resolveBind(written.bind ?? DEFAULTS.bind, context),
    port: gatewayPort === undefined ? (written.port ?? DEFAULTS.port) : parsePort(gatewayPort, context),
    token: resolveToken(
      gatewayToken ?? written.token,
      gatewayToken === undefined ? "token" : "environment",
      context,
    ),
    publicUrls: (written.publicUrls ?? []).flatMap((text, index) => resolvePublicUrl(text, index, context)),
    metricsToken: resolveToken(written.metricsToken, "metricsToken", context),
  };
}

/** A shorter one can be guessed. What a header cannot hold would never be accepted. */
const TOKEN = /^[!-~]{16,}$/u;

function resolveToken(
  token: string | undefined,
  from: "token" | "metricsToken" | "environment",
  { report }: ResolveContext,
): string | undefined {
  if (token === undefined || TOKEN.test(token)) return token;
  const isOutside = from === "environment";
  const where = isOutside ? "CODERCLAW_GATEWAY_TOKEN" : `gateway.${from}`;
  report.add({
    path: isOutside ? [] : ["gateway", from],
    ...(isOutside ? { at: "outside" } : {}),
    message: `${where} is ${REDACTED}: must have at least 16 characters, without spaces`,
    hint: "Set it to what `openssl rand -hex 16` prints, or remove it: the gateway makes a token of its own.",
  });
  return undefined;
}

/** Words of other programs for where to listen; each of them would be looked up as a host name. */
const BIND_WORDS: ReadonlySet<string> = new Set([
  "all",
  "any",
  "auto",
  "custom",
  "lan",
  "public",
  "tailnet",
  "tailscale",
]);

function resolveBind(written: string, { report }: ResolveContext): string {
  const word = written.trim().toLowerCase();
  if (word === "loopback" || word === "localhost") return DEFAULTS.bind;
  const isAddress = isIP(written) !== 0 || /^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*$/iu.test(written);
  if (isAddress && !BIND_WORDS.has(word)) return written;
  report.refuse(["gateway", "bind"], written, {
    reason: "must be an address of this machine",
    hint: 'Write "loopback" for this machine only, "0.0.0.0" for every network it is in, or one address such as "100.64.0.7".',
  });
  return DEFAULTS.bind;
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
