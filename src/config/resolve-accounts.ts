// Accounts of `channels.imessage`: default, then channel, then account; and the rules between their keys.
import { realpathSync } from "node:fs";
import { normalize } from "node:path";
import { isKnownRegion, type Handle } from "../model/handle.ts";
import { asId, type AccountId } from "../model/ids.ts";
import type { AccountSettings, StoppedAccount, TransportSettings } from "../model/settings.ts";
import type { AllowEntry } from "../model/target.ts";
import type { ResolveContext } from "./context.ts";
import { resolveDbPath } from "./db-path.ts";
import { parseEntries, parseHandles } from "./entries.ts";
import { renderPath, type ConfigPath } from "./path.ts";
import { expandHome, expandPath } from "./places.ts";
import type { Report } from "./report.ts";
import { ACCOUNT_DEFAULTS, type AccountSection, type ImessageSection } from "./schema-imessage.ts";
import type { WrittenConfig } from "./schema.ts";

const CHANNEL: ConfigPath = ["channels", "imessage"];
const MINUTE_MS = 60_000;

/** Every account of the file. */
export interface ResolvedAccounts {
  readonly running: readonly AccountSettings[];
  readonly stopped: readonly StoppedAccount[];
}

/** An account as written, over its channel. Without `accounts` the one account is the channel itself. */
interface Layers {
  readonly id: AccountId;
  readonly own: AccountSection;
  readonly ownPath: ConfigPath;
  readonly channel: ImessageSection;
}

/** Resolves every account; faults and warnings go to the context's report. */
export function resolveAccounts(config: WrittenConfig, context: ResolveContext): ResolvedAccounts {
  const running: AccountSettings[] = [];
  const stopped: StoppedAccount[] = [];
  for (const layers of listAccounts(config, context.report)) {
    const settings = resolveAccount(layers, config, context);
    const runs = layers.channel.enabled !== false && layers.own.enabled !== false;
    if (runs) running.push(settings);
    else stopped.push({ id: settings.id, name: settings.name });
  }
  refuseSharedDatabases(running, context.report);
  if (running.length === 0) warnNoAccount(stopped, context);
  for (const account of running) warnUnreachable(account, config, context.report);
  return { running, stopped };
}

/** The region by which a number without an account is read: the channel's. */
export function channelRegion(config: WrittenConfig): string {
  return (config.channels?.imessage?.region ?? ACCOUNT_DEFAULTS.region).toUpperCase();
}

function listAccounts(config: WrittenConfig, report: Report): Layers[] {
  const channel = config.channels?.imessage;
  if (channel === undefined) return [];
  const entries = Object.entries(channel.accounts ?? {});
  if (entries.length === 0)
    return [{ id: asId<AccountId>("default"), own: channel, ownPath: CHANNEL, channel }];
  return entries.map(([id, own]) => {
    const ownPath = [...CHANNEL, "accounts", id];
    if (!isPlainId(id))
      report.add({
        path: ownPath,
        at: "key",
        message: `${renderPath(ownPath)}: ${JSON.stringify(id)} cannot be an account id`,
        hint: "Use a-z, 0-9, `_` and `-`, at most 64 characters.",
      });
    return { id: asId<AccountId>(id), own, ownPath, channel };
  });
}

/** True for what account and agent ids are made of; they stand in session keys, file names and commands. */
export function isPlainId(id: string): boolean {
  return /^[a-z0-9_-]{1,64}$/.test(id);
}

function resolveAccount(layers: Layers, config: WrittenConfig, context: ResolveContext): AccountSettings {
  const { own, channel, id } = layers;
  const region = (own.region ?? channel.region ?? ACCOUNT_DEFAULTS.region).toUpperCase();
  if (!isKnownRegion(region))
    context.report.refuse(writtenAt(layers, "region"), region, {
      reason: "is no country whose numbers can be read",
      hint: 'Write an ISO 3166 code, such as "US" or "DE".',
    });
  const allowFrom = parseEntries(
    { texts: own.allowFrom ?? channel.allowFrom ?? [], path: writtenAt(layers, "allowFrom"), region },
    context.report,
  );
  const settings: AccountSettings = {
    id,
    name: own.name ?? channel.name ?? id,
    transport: resolveTransport(layers, context),
    service: own.service ?? channel.service ?? ACCOUNT_DEFAULTS.service,
    region,
    dmPolicy: own.dmPolicy ?? channel.dmPolicy ?? ACCOUNT_DEFAULTS.dmPolicy,
    allowFrom,
    selfHandles: parseHandles(
      { texts: own.selfHandles ?? channel.selfHandles ?? [], path: writtenAt(layers, "selfHandles"), region },
      context.report,
    ),
    owners: resolveOwners(config, { allowFrom, region }, context.report),
    catchupMaxAgeMs:
      (own.catchup?.maxAgeMinutes ??
        channel.catchup?.maxAgeMinutes ??
        ACCOUNT_DEFAULTS.catchupMaxAgeMinutes) * MINUTE_MS,
    textChunkLimit: own.textChunkLimit ?? channel.textChunkLimit ?? ACCOUNT_DEFAULTS.textChunkLimit,
    chunkMode: own.chunkMode ?? channel.chunkMode ?? ACCOUNT_DEFAULTS.chunkMode,
    responsePrefix: own.responsePrefix ?? channel.responsePrefix ?? config.messages?.responsePrefix ?? "",
    turnsPerMinute:
      own.limits?.turnsPerMinute ??
      channel.limits?.turnsPerMinute ??
      config.limits?.turnsPerMinute ??
      ACCOUNT_DEFAULTS.turnsPerMinute,
  };
  refuseOpenWithoutStar(settings, layers, context.report);
  return settings;
}

/** The path at which the value in force was written: the account's, else the channel's. */
function writtenAt(layers: Layers, name: keyof AccountSection): ConfigPath {
  return [...(layers.own[name] === undefined ? CHANNEL : layers.ownPath), name];
}

function resolveTransport(layers: Layers, context: ResolveContext): TransportSettings {
  const { own, channel } = layers;
  const program = expandHome(own.cliPath ?? channel.cliPath ?? ACCOUNT_DEFAULTS.cliPath);
  const cliPath = program.includes("/") ? expandPath(program, context.baseDir) : program;
  const dbPath = own.dbPath ?? channel.dbPath;
  return {
    cliPath,
    dbPath: dbPath === undefined ? undefined : resolveDbPath(dbPath, cliPath, context.environment.searchPath),
    probeTimeoutMs: own.probeTimeoutMs ?? channel.probeTimeoutMs ?? ACCOUNT_DEFAULTS.probeTimeoutMs,
  };
}

function resolveOwners(
  config: WrittenConfig,
  account: { readonly allowFrom: readonly AllowEntry[]; readonly region: string },
  report: Report,
): readonly Handle[] {
  const texts = config.commands?.ownerAllowFrom;
  if (texts !== undefined)
    return parseHandles({ texts, path: ["commands", "ownerAllowFrom"], region: account.region }, report);
  return account.allowFrom.flatMap((entry) => (entry.kind === "handle" ? [entry.handle] : []));
}

function refuseOpenWithoutStar(settings: AccountSettings, layers: Layers, report: Report): void {
  if (settings.dmPolicy !== "open" || settings.allowFrom.some((entry) => entry.kind === "any")) return;
  const isOwn = layers.own.dmPolicy !== undefined || layers.own.allowFrom !== undefined;
  const base = isOwn ? layers.ownPath : CHANNEL;
  const section = renderPath(base);
  report.add({
    path: [...base, layers.own.dmPolicy === undefined && isOwn ? "allowFrom" : "dmPolicy"],
    message: `${section}.dmPolicy="open" requires ${section}.allowFrom to include "*"`,
    hint: `Add "*" to ${section}.allowFrom, or choose another dmPolicy.`,
  });
}

function refuseSharedDatabases(accounts: readonly AccountSettings[], report: Report): void {
  const seen = new Map<string, AccountId>();
  for (const { id, transport } of accounts) {
    const database = withoutLinks(transport.dbPath ?? expandHome("~/Library/Messages/chat.db"));
    const key = JSON.stringify([withoutLinks(transport.cliPath), database]);
    const other = seen.get(key);
    if (other !== undefined)
      report.add({
        path: [...CHANNEL, "accounts", id],
        at: "key",
        message: `channels.imessage.accounts: ${other} and ${id} would read the same database`,
        hint: "Give them different cliPath or dbPath, or set `enabled: false` on one.",
      });
    seen.set(key, id);
  }
}

/** A path of this machine by its true name; one of another machine, or of a file that is not there, only tidied up. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return normalize(path);
  }
}

function warnNoAccount(stopped: readonly StoppedAccount[], context: ResolveContext): void {
  if (stopped.length > 0)
    context.report.warn(
      CHANNEL,
      "Every account is disabled: no messages are read",
      "Set `enabled: true` where it is false.",
    );
  else
    context.report.warn(
      CHANNEL,
      "No account is configured: no messages are read",
      `Add \`channels: { imessage: { cliPath: "imsg" } }\` to ${context.file}, or run \`coderclaw config set channels.imessage.cliPath imsg\`.`,
    );
}

function warnUnreachable(account: AccountSettings, config: WrittenConfig, report: Report): void {
  if (account.dmPolicy !== "allowlist" || account.allowFrom.length > 0) return;
  const own = config.channels?.imessage?.accounts?.[account.id];
  const isOwn = own?.dmPolicy !== undefined || own?.allowFrom !== undefined;
  const base = isOwn ? [...CHANNEL, "accounts", account.id] : CHANNEL;
  report.warn(
    [...base, "allowFrom"],
    `Nobody can reach account ${account.id}: dmPolicy is "allowlist" and allowFrom is empty`,
    `Add the handles that may write to ${renderPath([...base, "allowFrom"])}.`,
  );
}
