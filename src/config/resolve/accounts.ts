// Accounts of `channels.imessage`: default, then channel, then account; and the rules between their keys.
import { realpathSync } from "node:fs";
import { normalize } from "node:path";
import { isKnownRegion, type Handle } from "../../model/handle.ts";
import type { AccountId } from "../../model/ids.ts";
import type { AccountSettings, StoppedAccount, TransportSettings } from "../../model/settings.ts";
import type { AllowEntry } from "../../model/target.ts";
import type { ResolveContext } from "./context.ts";
import { parseEntries, parseHandles } from "./entries.ts";
import { isPlainId, PLAIN_ID_HINT } from "./known-ids.ts";
import { CHANNEL, inForce, listLayers, sectionOf, writtenAt, type Layers } from "./layers.ts";
import { renderPath } from "../read/path.ts";
import { expandHome } from "../places.ts";
import type { Report } from "./report.ts";
import { resolveDirectLimits, resolveGroups } from "./groups.ts";
import { resolveMedia } from "./media.ts";
import { resolveTransport } from "./transport.ts";
import { ACCOUNT_DEFAULTS } from "../schema/imessage.ts";
import { DEFAULTS } from "../schema/schema.ts";
import type { WrittenConfig } from "../schema/schema.ts";

const MINUTE_MS = 60_000;

/** Every account of the file. */
export interface ResolvedAccounts {
  readonly running: readonly AccountSettings[];
  readonly stopped: readonly StoppedAccount[];
}

/** Resolves every account; faults and warnings go to the context's report. */
export function resolveAccounts(
  config: WrittenConfig,
  context: ResolveContext & { readonly agentIds: readonly string[] },
): ResolvedAccounts {
  const running: AccountSettings[] = [];
  const stopped: StoppedAccount[] = [];
  for (const layers of listLayers(config)) {
    refuseBadId(layers, context.report);
    const settings = resolveAccount(layers, config, context);
    const runs = layers.channel.enabled !== false && layers.own.enabled !== false;
    if (runs) running.push(settings);
    else stopped.push({ id: settings.id, name: settings.name, owners: settings.owners });
  }
  refuseSharedDatabases(running, context.report);
  return { running, stopped };
}

function refuseBadId({ id, own, channel, ownPath }: Layers, report: Report): void {
  if (own === channel || isPlainId(id)) return;
  report.refuse(ownPath, id, { at: "key", reason: "cannot be an account id", hint: PLAIN_ID_HINT });
}

function resolveAccount(
  layers: Layers,
  config: WrittenConfig,
  context: ResolveContext & { readonly agentIds: readonly string[] },
): AccountSettings {
  const { report } = context;
  const region = resolveRegion(layers, report);
  const entriesOf = (name: "allowFrom" | "groupAllowFrom" | "allowTo") => {
    const texts = inForce(layers, name);
    return texts && parseEntries({ texts, path: writtenAt(layers, name), region }, report);
  };
  const allowFrom = entriesOf("allowFrom") ?? [];
  const allowTo = entriesOf("allowTo");
  const owners = resolveOwners(config, { allowFrom, region }, report);
  const historyLimit = inForce(layers, "historyLimit") ?? ACCOUNT_DEFAULTS.historyLimit;
  const transport = resolveTransport(layers, context);
  const settings: AccountSettings = {
    id: layers.id,
    name: inForce(layers, "name") ?? layers.id,
    transport,
    service: inForce(layers, "service") ?? ACCOUNT_DEFAULTS.service,
    region,
    dmPolicy: inForce(layers, "dmPolicy") ?? ACCOUNT_DEFAULTS.dmPolicy,
    allowFrom,
    groupPolicy: inForce(layers, "groupPolicy") ?? ACCOUNT_DEFAULTS.groupPolicy,
    groupAllowFrom: entriesOf("groupAllowFrom") ?? allowFrom,
    groups: resolveGroups(layers, { region, historyLimit, agentIds: context.agentIds }, report),
    historyLimit,
    dmHistoryLimit: inForce(layers, "dmHistoryLimit"),
    dmHistoryLimits: resolveDirectLimits(layers, region, report),
    configWrites: inForce(layers, "configWrites") ?? ACCOUNT_DEFAULTS.configWrites,
    allowTo,
    selfHandles: parseHandles(
      { texts: inForce(layers, "selfHandles") ?? [], path: writtenAt(layers, "selfHandles"), region },
      report,
    ),
    owners,
    notified: owners.filter((owner) => maySendTo(owner, allowTo)),
    media: resolveMedia(layers, transport.reach, report),
    catchupMaxAgeMs:
      (layers.own.catchup?.maxAgeMinutes ??
        layers.channel.catchup?.maxAgeMinutes ??
        ACCOUNT_DEFAULTS.catchupMaxAgeMinutes) * MINUTE_MS,
    textChunkLimit: inForce(layers, "textChunkLimit") ?? ACCOUNT_DEFAULTS.textChunkLimit,
    chunkMode: inForce(layers, "chunkMode") ?? ACCOUNT_DEFAULTS.chunkMode,
    responsePrefix: inForce(layers, "responsePrefix") ?? config.messages?.responsePrefix ?? "",
    maxPartsPerReply: config.messages?.maxPartsPerReply ?? DEFAULTS.maxPartsPerReply,
    ...resolveLimits(layers, config),
  };
  refuseOpenWithoutStar(settings, layers, report);
  return settings;
}

function resolveRegion(layers: Layers, report: Report): string {
  const region = (inForce(layers, "region") ?? ACCOUNT_DEFAULTS.region).toUpperCase();
  if (!isKnownRegion(region))
    report.refuse(writtenAt(layers, "region"), region, {
      reason: "is no country whose numbers can be read",
      hint: 'Write an ISO 3166 code, such as "US" or "DE".',
    });
  return region;
}

/** Each limit by itself: the account's, the channel's, the top level's, the default. */
function resolveLimits(
  { own, channel }: Layers,
  config: WrittenConfig,
): Pick<AccountSettings, "turnsPerMinute" | "sendsPerMinute" | "sendsPerHour"> {
  const limit = (name: "turnsPerMinute" | "sendsPerMinute" | "sendsPerHour") =>
    own.limits?.[name] ?? channel.limits?.[name] ?? config.limits?.[name] ?? ACCOUNT_DEFAULTS[name];
  return {
    turnsPerMinute: limit("turnsPerMinute"),
    sendsPerMinute: limit("sendsPerMinute"),
    sendsPerHour: limit("sendsPerHour"),
  };
}

/** True when messages may be sent to the bare handle. */
function maySendTo(handle: Handle, allowTo: readonly AllowEntry[] | undefined): boolean {
  return (
    allowTo === undefined ||
    allowTo.some((entry) => entry.kind === "any" || (entry.kind === "handle" && entry.handle === handle))
  );
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
  const base = sectionOf(layers, ["dmPolicy", "allowFrom"]);
  const section = renderPath(base);
  const isOnlyList = layers.own.dmPolicy === undefined && layers.own.allowFrom !== undefined;
  report.add({
    path: [...base, isOnlyList ? "allowFrom" : "dmPolicy"],
    message: `${section}.dmPolicy="open" requires ${section}.allowFrom to include "*"`,
    hint: `Add "*" to ${section}.allowFrom, or choose another dmPolicy.`,
  });
}

function refuseSharedDatabases(accounts: readonly AccountSettings[], report: Report): void {
  const seen = new Map<string, AccountId>();
  for (const { id, transport } of accounts) {
    const key = JSON.stringify(databaseOf(transport));
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

/** What names the Messages database of a transport; behind a wrapper only the script and the path as written can. */
function databaseOf({ cliPath, dbPath = "~/Library/Messages/chat.db", reach }: TransportSettings): unknown {
  if (reach.kind === "ssh") return [reach.remote, normalize(dbPath)];
  const path = reach.kind === "local" ? withoutLinks(expandHome(dbPath)) : normalize(dbPath);
  return [withoutLinks(cliPath), path];
}

/** A path of this machine by its true name; one of another machine, or of a file that is not there, only tidied up. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return normalize(path);
  }
}
