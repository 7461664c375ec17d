// Letting the sender of a message in, or shutting them out: by a pairing where the account pairs, else by `allowFrom` of the config file.
import { getConfig, setConfig, unsetConfig } from "../../config/edit/operations.ts";
import { GatewayError } from "../../model/errors.ts";
import { isMachine, parseHandle, type Handle } from "../../model/handle.ts";
import type { AccountSettings, Settings } from "../../model/settings.ts";
import type { ConversationView } from "../../model/views.ts";
import { approvePairing, denyPairing, revokePairing } from "../pairing/pairing.ts";
import type { RunningGateway } from "../status/running.ts";
import type { Done } from "./acts.ts";
import { requireConversation } from "./list.ts";

/** Whose access is changed, where, and which config file is meant. */
export interface AccessRequest extends Done {
  readonly handle: string;
  readonly configPath: string | undefined;
}

interface Place {
  readonly view: ConversationView;
  readonly account: AccountSettings;
  readonly handle: Handle;
}

/** Lets a handle write in direct messages. Throws `conversation/unknown`, `cli/usage`, and as `setConfig` does. */
export async function allowSender(
  running: RunningGateway,
  idText: string,
  request: AccessRequest,
): Promise<string> {
  const { account, handle } = await findPlace(running, idText, request.handle);
  if (isListed(account, handle)) return `${handle} is allowed already`;
  switch (account.dmPolicy) {
    case "open":
      return `Account ${account.id} answers everyone`;
    case "disabled":
      throw new GatewayError(
        "cli/usage",
        `Account ${account.id} answers no direct messages: its dmPolicy is "disabled".`,
        {
          hint: 'Set its dmPolicy to "pairing" or "allowlist" first.',
        },
      );
    case "pairing":
      return pair(running, { account, handle }, request);
    default:
      return addToList(running, { account, handle }, request);
  }
}

/** Takes back what lets a handle write. Throws `conversation/unknown`, `cli/usage`, and as `setConfig` does. */
export async function blockSender(
  running: RunningGateway,
  idText: string,
  request: AccessRequest,
): Promise<string> {
  const { account, handle } = await findPlace(running, idText, request.handle);
  if (account.owners.includes(handle))
    throw new GatewayError("cli/usage", `${handle} is an owner, and an owner cannot be blocked.`, {
      hint: "Take the handle out of commands.ownerAllowFrom on the gateway's machine first.",
    });
  if (account.dmPolicy === "open")
    throw new GatewayError("cli/usage", `Account ${account.id} answers everyone: its dmPolicy is "open".`, {
      hint: "Mute this conversation, or change the account's dmPolicy.",
    });
  const { store } = running;
  const place = { settings: running.settings(), store };
  const choice = { accountId: account.id, nowMs: request.nowMs, by: request.by };
  const [request_, grant] = await Promise.all([
    findRequest(running, account, handle, request.nowMs),
    store.pairings
      .approved()
      .then((all) => all.some((one) => one.accountId === account.id && one.handle === handle)),
  ]);
  if (request_ !== undefined) await denyPairing(place, request_, choice);
  if (grant) await revokePairing(place, handle, choice);
  const isTakenOut = await removeFromList(account, handle, request);
  if (isTakenOut)
    await noteConfig(running, request, `took ${handle} out of allowFrom of account ${account.id}`);
  if (request_ === undefined && !grant && !isTakenOut)
    return `${handle} is not let in by account ${account.id}`;
  return `${handle} is shut out: what they write is not answered`;
}

async function findPlace(running: RunningGateway, idText: string, handleText: string): Promise<Place> {
  const view = await requireConversation(running.store, idText);
  const account = running.settings().accounts.find(({ id }) => id === view.accountId);
  if (account === undefined)
    throw new GatewayError("account/unknown", `There is no account ${view.accountId} any more.`, {
      hint: "Add it to the configuration, or enable it.",
    });
  const handle = parseHandle(handleText, account.region);
  if (handle !== undefined && !isMachine(handle)) return { view, account, handle };
  throw new GatewayError(
    "cli/usage",
    `${JSON.stringify(handleText.slice(0, 60))} is not a phone number or e-mail address.`,
    {
      hint: "Give one of the people of this conversation.",
    },
  );
}

function isListed(account: AccountSettings, handle: Handle): boolean {
  return account.allowFrom.some((entry) => entry.kind === "handle" && entry.handle === handle);
}

async function findRequest(
  { store }: RunningGateway,
  { id }: AccountSettings,
  handle: Handle,
  nowMs: number,
): Promise<string | undefined> {
  const pending = await store.pairings.pending(nowMs);
  return pending.find((one) => one.accountId === id && one.handle === handle)?.code;
}

async function pair(
  running: RunningGateway,
  { account, handle }: Omit<Place, "view">,
  { by, nowMs }: AccessRequest,
): Promise<string> {
  const place = { settings: running.settings(), store: running.store };
  const code = await findRequest(running, account, handle, nowMs);
  if (code === undefined) {
    const isNew = await running.store.pairings.grant(handle, { accountId: account.id, nowMs, by });
    return isNew
      ? `${handle} is let in: what they write from now on is answered`
      : `${handle} is let in already`;
  }
  const { answered } = await approvePairing(place, code, { accountId: account.id, nowMs, by });
  running.nudge(account.id);
  const held = answered === 1 ? "1 held message" : `${answered} held messages`;
  return answered === 0 ? `${handle} is let in` : `${handle} is let in; ${held} will be answered`;
}

/** Adds to the list that counts for the account. Like a change from chat it makes no owner of anybody. */
async function addToList(
  running: RunningGateway,
  { account, handle }: Omit<Place, "view">,
  request: AccessRequest,
): Promise<string> {
  const options = { configPath: request.configPath, fromChat: true };
  const path = await listPath(running.settings(), account, request.configPath);
  const { value } = await getConfig(path, options);
  const there = Array.isArray(value) ? value.length : 0;
  await (there === 0
    ? setConfig(path, JSON.stringify([handle]), options)
    : setConfig(`${path}[${there}]`, JSON.stringify(handle), options));
  await noteConfig(running, request, `added ${handle} to allowFrom of account ${account.id}`);
  return `${handle} is allowed: what they write from now on is answered`;
}

async function removeFromList(
  account: AccountSettings,
  handle: Handle,
  { configPath }: AccessRequest,
): Promise<boolean> {
  if (!isListed(account, handle)) return false;
  for (const path of pathsOf(account)) {
    const { value, isSet } = await getConfig(path, { configPath });
    if (!isSet || !Array.isArray(value)) continue;
    const at = value.findIndex(
      (entry) => typeof entry === "string" && parseHandle(entry, account.region) === handle,
    );
    if (at !== -1) {
      await unsetConfig(`${path}[${at}]`, { configPath });
      return true;
    }
  }
  throw new GatewayError("cli/usage", `${handle} is allowed by an entry that is written another way.`, {
    hint: "Take it out of allowFrom on the gateway's machine.",
  });
}

/** The account's own list outranks the channel's. */
function pathsOf({ id }: AccountSettings): readonly string[] {
  return [`channels.imessage.accounts[${JSON.stringify(id)}].allowFrom`, "channels.imessage.allowFrom"];
}

async function listPath(
  settings: Settings,
  account: AccountSettings,
  configPath: string | undefined,
): Promise<string> {
  const [own = "", shared = ""] = pathsOf(account);
  if (settings.accounts.length === 1 && account.id === "default") return shared;
  const { isSet } = await getConfig(own, { configPath });
  return isSet ? own : shared;
}

async function noteConfig({ store }: RunningGateway, { by, nowMs }: Done, text: string): Promise<void> {
  await store.activity.note({ atMs: nowMs, kind: "config", actor: by, text });
}
