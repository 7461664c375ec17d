// `pairing list|approve|owner|deny|revoke`: who may write, and who decides. Works on the state database, whether the gateway runs or not.
import type { Command } from "commander";
import { checkAccountId } from "../control/accounts.ts";
import {
  approvePairing,
  denyPairing,
  findRequest,
  listGrants,
  listRequests,
  revokePairing,
  type PairingChoice,
  type PairingPlace,
} from "../control/pairing/pairing.ts";
import { renderSpan } from "../control/span.ts";
import { listTurnedAway, type TurnedAway } from "../control/status/turned-away.ts";
import { withState } from "../gateway/open-state.ts";
import type { PairingRequest } from "../model/store.ts";
import { channelArgument, examples, type Cli, type GlobalOptions } from "./cli.ts";
import { asksForOwner, describeNoOwner, makeOwner, ownersOf, registerOwner } from "./pairing-owner.ts";
import { renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly account?: string;
  readonly approved?: boolean;
  readonly owner?: boolean;
  readonly json?: boolean;
}

/** Adds `pairing`. */
export function register(program: Command, cli: Cli): void {
  const pairing = program
    .command("pairing")
    .summary("strangers who ask for access: list, approve, deny, revoke; and who the owner is")
    .description("Decides who may write to the agents. Works with the gateway stopped too.")
    .helpCommand(false);
  const action = (name: string, summary: string): Command =>
    pairing
      .command(name)
      .summary(summary)
      .addArgument(channelArgument())
      .option("--account <id>", "of this account only")
      .option("--json", "print JSON");

  action("list", "requests that wait for you")
    .description(
      "Lists the requests that wait for you, and who was turned away because too many waited; or with --approved who was let in.",
    )
    .option("--approved", "list who was let in instead")
    .addHelpText("after", examples(["coderclaw pairing list imessage", "codes, senders, messages held"]))
    .action(async (_channel, _options, command: Command) => list(cli, command.optsWithGlobals()));

  action("approve", "let a stranger in")
    .description(
      "Lets the stranger with this code in. They are told, and what they wrote in the last hour is answered.\n" +
        "While there is no owner, it asks at a terminal whether they are the owner.",
    )
    .argument("<code>", "the code they were sent; upper or lower case")
    .option("--owner", "make them an owner too, without asking")
    .option("--no-owner", "do not make them an owner, and do not ask")
    .addHelpText(
      "after",
      examples(
        ["coderclaw pairing approve imessage K7PX2M9Q", "let them in"],
        ["coderclaw pairing approve imessage K7PX2M9Q --owner", "and let them decide what agents may do"],
      ),
    )
    .action(async (_channel, code: string, _options, command: Command) =>
      approve(cli, code, command.optsWithGlobals()),
    );

  registerOwner(pairing, cli);

  action("deny", "refuse a stranger")
    .description("Refuses the stranger with this code. They are not told; after an hour they can ask again.")
    .argument("<code>", "the code they were sent; upper or lower case")
    .addHelpText("after", examples(["coderclaw pairing deny imessage K7PX2M9Q", "refuse them"]))
    .action(async (_channel, code: string, _options, command: Command) =>
      deny(cli, code, command.optsWithGlobals()),
    );

  action("revoke", "take an approval back")
    .description("Takes an approval back; what they write next makes a new request.")
    .argument("<handle>", "phone number or e-mail")
    .addHelpText("after", examples(["coderclaw pairing revoke imessage +15551234567", "shut them out"]))
    .action(async (_channel, handle: string, _options, command: Command) =>
      revoke(cli, handle, command.optsWithGlobals()),
    );
}

type Work<T> = (place: PairingPlace, choice: PairingChoice) => Promise<T>;

async function onPairings<T>(options: Options, work: Work<T>): Promise<T> {
  return withState(options, async ({ settings, store }) => {
    const accountId = checkAccountId(settings, options.account);
    return work({ settings, store }, { accountId, nowMs: Date.now() });
  });
}

async function list(cli: Cli, options: Options): Promise<void> {
  if (options.approved) return listApproved(cli, options);
  const { requests, turnedAway } = await onPairings(options, async (place, choice) => ({
    requests: await listRequests(place, choice),
    turnedAway: await listTurnedAway(place.store, choice.nowMs, choice.accountId),
  }));
  if (options.json) return cli.printJson({ requests, turnedAway });
  cli.print(requests.length === 0 ? "No pending imessage pairing requests." : renderRequests(requests));
  if (turnedAway.length > 0) cli.print(`\n${renderTurnedAway(turnedAway)}`);
}

function renderRequests(requests: readonly PairingRequest[]): string {
  const nowMs = Date.now();
  const rows = requests.map((request) => [
    request.code,
    request.handle,
    request.accountId,
    `${request.heldMessages}`,
    renderTime(request.createdAtMs),
    renderSpan(request.expiresAtMs - nowMs),
  ]);
  return renderTable(["CODE", "SENDER", "ACCOUNT", "HELD", "ASKED", "EXPIRES IN"], rows);
}

function renderTurnedAway(turnedAway: readonly TurnedAway[]): string {
  const rows = turnedAway.map((one) => [one.handle, one.accountId, renderTime(one.lastAtMs)]);
  return [
    "Turned away in the last hour, as too many requests were pending. Once one is decided they can write again:",
    renderTable(["SENDER", "ACCOUNT", "WROTE"], rows),
  ].join("\n");
}

async function listApproved(cli: Cli, options: Options): Promise<void> {
  const approved = await onPairings(options, listGrants);
  if (options.json) return cli.printJson({ approved });
  if (approved.length === 0) return cli.print("No approved imessage pairings.");
  const rows = approved.map((grant) => [grant.handle, grant.accountId, renderTime(grant.approvedAtMs)]);
  cli.print(renderTable(["SENDER", "ACCOUNT", "APPROVED"], rows));
}

async function approve(cli: Cli, code: string, options: Options): Promise<void> {
  const approved = await onPairings(options, async (place, choice) => {
    const request = await findRequest(place, code, choice);
    const owners = ownersOf(place.settings, request.accountId);
    const makes =
      options.owner ?? (owners.length === 0 && (await asksForOwner(request.handle, options.json === true)));
    // Before the approval: what they wrote is answered at once, and an agent may have to ask an owner.
    const made = makes ? await makeOwner(request.handle, place.settings, options.config) : undefined;
    const { grant, answered } = await approvePairing(place, code, { ...choice, nowMs: Date.now() });
    const { describeSharedMemory } = await import("../control/pairing/shared-memory.ts");
    const memory = await describeSharedMemory(place, grant);
    const hasOwner = owners.length > 0 || made !== undefined;
    return { ...grant, answered, owners: made, hasOwner, memory };
  });
  const { hasOwner, memory, ...told } = approved;
  if (options.json) return cli.printJson({ approved: told });
  const { handle, accountId, answered, owners } = approved;
  cli.print(`Approved ${handle} (account ${accountId}).`);
  const held = answered === 1 ? "1 held message" : `${answered} held messages`;
  cli.print(answered === 0 ? "They wrote nothing that waits for an answer." : `${held} will be answered.`);
  if (owners !== undefined) cli.print(`Owners: ${owners.join(", ")}`);
  if (!hasOwner) cli.print(describeNoOwner(handle));
  if (memory !== undefined) cli.print(memory);
}

async function deny(cli: Cli, code: string, options: Options): Promise<void> {
  const denied = await onPairings(options, async (place, choice) => denyPairing(place, code, choice));
  if (options.json) return cli.printJson({ denied });
  cli.print(`Denied ${denied.handle} (account ${denied.accountId}).`);
}

async function revoke(cli: Cli, handle: string, options: Options): Promise<void> {
  const revoked = await onPairings(options, async (place, choice) => revokePairing(place, handle, choice));
  if (options.json) return cli.printJson({ revoked });
  for (const grant of revoked) cli.print(`Revoked ${grant.handle} (account ${grant.accountId}).`);
}
