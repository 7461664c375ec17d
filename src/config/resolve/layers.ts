// An account as it is written: its own section over the channel's, and where each value in force stands.
import { asId, type AccountId } from "../../model/ids.ts";
import type { ConfigPath } from "../read/path.ts";
import { ACCOUNT_DEFAULTS, type AccountSection, type ImessageSection } from "../schema/imessage.ts";
import type { WrittenConfig } from "../schema/schema.ts";

/** The path of the channel's section. */
export const CHANNEL: ConfigPath = ["channels", "imessage"];

/** An account as written, over its channel. Without `accounts` the one account is the channel itself. */
export interface Layers {
  readonly id: AccountId;
  readonly own: AccountSection;
  readonly ownPath: ConfigPath;
  readonly channel: ImessageSection;
}

/** Every account of the file, running or not; none where there is no channel. */
export function listLayers(config: WrittenConfig): Layers[] {
  const channel = config.channels?.imessage;
  if (channel === undefined) return [];
  const accounts = Object.entries(channel.accounts ?? {});
  if (accounts.length === 0)
    return [{ id: asId<AccountId>("default"), own: channel, ownPath: CHANNEL, channel }];
  return accounts.map(([id, own]) => ({
    id: asId<AccountId>(id),
    own,
    ownPath: [...CHANNEL, "accounts", id],
    channel,
  }));
}

/** What is written for a key: by the account, else by the channel. Lists and maps replace each other. */
export function inForce<Name extends keyof AccountSection>(
  { own, channel }: Layers,
  name: Name,
): AccountSection[Name] {
  return own[name] ?? channel[name];
}

/** The path of the value in force: the account's, else the channel's. */
export function writtenAt(layers: Layers, name: keyof AccountSection): ConfigPath {
  return [...sectionOf(layers, [name]), name];
}

/** The section that decides about these keys: the account's where it writes one of them, else the channel's. */
export function sectionOf({ own, ownPath }: Layers, names: readonly (keyof AccountSection)[]): ConfigPath {
  return names.some((name) => own[name] !== undefined) ? ownPath : CHANNEL;
}

/** The region by which a number without an account is read: the channel's. */
export function channelRegion(config: WrittenConfig): string {
  return (config.channels?.imessage?.region ?? ACCOUNT_DEFAULTS.region).toUpperCase();
}
