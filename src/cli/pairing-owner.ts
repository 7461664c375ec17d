// `pairing owner`, and the question of `pairing approve` while there is no owner.
import type { Command } from "commander";
import { openConfig, withStoreIfThere } from "../gateway/open-state.ts";
import { GatewayError, toGatewayError } from "../model/errors.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId } from "../model/ids.ts";
import type { Settings } from "../model/settings.ts";
import { channelArgument, examples, type Cli, type GlobalOptions } from "./cli.ts";

interface Options extends GlobalOptions {
  readonly remove?: boolean;
  readonly json?: boolean;
}

/** Adds `pairing owner`. */
export function registerOwner(pairing: Command, cli: Cli): void {
  pairing
    .command("owner")
    .summary("show the owners; make somebody an owner, or no longer one")
    .description(
      "Without a handle: lists the owners, who approve what agents want to do and give commands by text.\n" +
        "With one: adds it to commands.ownerAllowFrom, or takes it off with --remove.",
    )
    .addArgument(channelArgument())
    .argument("[handle]", "phone number or e-mail")
    .option("--remove", "make them an owner no longer")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(["coderclaw pairing owner imessage +15551234567", "let them decide what agents may do"]),
    )
    .action(async (_channel, handle: string | undefined, _options, command: Command) =>
      owner(cli, handle, command.optsWithGlobals()),
    );
}

/** Who the owners of an account are. */
export function ownersOf({ accounts }: Settings, accountId: AccountId): readonly Handle[] {
  return accounts.find(({ id }) => id === accountId)?.owners ?? [];
}

/** Asks whether somebody is the owner; false where nobody can be asked. */
export async function asksForOwner(handle: Handle, json: boolean): Promise<boolean> {
  const { confirm, isTerminal } = await import("./ask.ts");
  if (json || !isTerminal()) return false;
  return confirm(
    `Make ${handle} the owner? The owner approves what agents want to do, and gives commands by text.`,
    "--owner or --no-owner",
  );
}

/** What is said while there is no owner. */
export function describeNoOwner(handle: Handle): string {
  return [
    "There is no owner yet, so nobody can approve what an agent wants to do.",
    `To make them the owner: coderclaw pairing owner imessage ${handle}`,
  ].join("\n");
}

/** Makes somebody an owner who is about to be approved. Contract: throws when that fails; the error says that nothing was done. */
export async function makeOwner(
  handle: Handle,
  settings: Settings,
  configPath: string | undefined,
): Promise<readonly Handle[]> {
  const { addOwner } = await import("../control/pairing/owners.ts");
  try {
    return await addOwner(handle, settings, configPath);
  } catch (cause) {
    const { code, message, hint } = toGatewayError(cause);
    throw new GatewayError(code, `${handle} was not made an owner, and not approved: ${message}`, {
      hint,
      cause,
    });
  }
}

async function owner(cli: Cli, text: string | undefined, options: Options): Promise<void> {
  const { addOwner, listOwners, readOwner, removeOwner } = await import("../control/pairing/owners.ts");
  const { settings } = await openConfig(options);
  if (text === undefined) {
    if (options.remove === true)
      throw new GatewayError("cli/usage", "--remove needs the handle of an owner", {
        hint: "Run `coderclaw pairing owner imessage` to see who is one.",
      });
    return printOwners(cli, listOwners(settings), options);
  }
  const handle = readOwner(text, settings);
  const change = options.remove === true ? removeOwner : addOwner;
  printOwners(cli, await change(handle, settings, options.config), options);
  if (options.json !== true && options.remove !== true && (await isShutOut(handle, options)))
    cli.print(
      `Nobody has let ${handle} in yet: approve them when they write, or add them to channels.imessage.allowFrom.`,
    );
}

async function isShutOut(handle: Handle, options: Options): Promise<boolean> {
  const { ownersShutOut } = await import("../control/status/reach.ts");
  const { settings } = await openConfig(options);
  const grants = await withStoreIfThere(settings, async (store) => (await store?.pairings.approved()) ?? []);
  return ownersShutOut(settings, grants).includes(handle);
}

function printOwners(cli: Cli, owners: readonly Handle[], { json }: Options): void {
  if (json) return cli.printJson({ owners });
  cli.print(
    owners.length === 0
      ? "There is no owner. To make somebody one: coderclaw pairing owner imessage HANDLE"
      : `Owners: ${owners.join(", ")}`,
  );
}
