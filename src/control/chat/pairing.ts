// `/pairing list|approve CODE|deny CODE`: the owner lets strangers in from the phone, for the account of the conversation.
import type { CommandAnswer } from "../../model/command.ts";
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import { withoutUnseen } from "../../model/handle.ts";
import { withoutFullStop } from "../../rules/command.ts";
import { approvePairing, denyPairing, listRequests, type PairingChoice } from "../pairing/pairing.ts";
import { describeSharedMemory } from "../pairing/shared-memory.ts";
import { renderSpan } from "../span.ts";
import { say, type Asked } from "./answer.ts";

const USAGE = "Use /pairing list, /pairing approve CODE or /pairing deny CODE.";

/** What is asked of `/pairing`; the `imessage` of the command line may stand before the code. */
export function readPairing(args: string): { readonly verb: string; readonly code: string } {
  const [verb = "", ...rest] = args.split(/\s+/);
  const words = rest[0]?.toLowerCase() === "imessage" ? rest.slice(1) : rest;
  const code = withoutFullStop(withoutUnseen(words.join(" ")));
  return { verb: withoutFullStop(verb).toLowerCase(), code };
}

/** `/pairing`. */
export async function pairing(asked: Asked): Promise<CommandAnswer> {
  const { verb, code } = readPairing(asked.command.command.args);
  const { accountId, handle } = asked.command;
  const choice: PairingChoice = { accountId, nowMs: asked.nowMs, by: `chat ${handle}` };
  if (verb === "" || verb === "list") return list(asked, choice);
  try {
    if (verb === "approve" && code !== "") return await approve(asked, code, choice);
    if (verb === "deny" && code !== "") return await deny(asked, code, choice);
  } catch (thrown) {
    throw inChat(toGatewayError(thrown));
  }
  return say(USAGE);
}

/** A wrong code is looked up where it was typed: there is no shell on a phone. */
function inChat(error: GatewayError): GatewayError {
  if (error.code !== "pairing/unknown-code") return error;
  return new GatewayError(error.code, error.message, {
    hint: "/pairing list shows the codes that wait; a code lives one hour.",
    cause: error,
  });
}

async function list(asked: Asked, choice: PairingChoice): Promise<CommandAnswer> {
  const requests = await listRequests(placeOf(asked), choice);
  if (requests.length === 0) return say("No pending imessage pairing requests.");
  const lines = requests.map(({ code, handle, heldMessages, expiresAtMs }) => {
    const held = heldMessages === 1 ? "1 message" : `${heldMessages} messages`;
    return `${code} ${handle} (${held}, ${renderSpan(expiresAtMs - asked.nowMs)} left)`;
  });
  return say([...lines, "/pairing approve CODE or /pairing deny CODE"].join("\n"));
}

async function approve(asked: Asked, code: string, choice: PairingChoice): Promise<CommandAnswer> {
  const { grant, answered } = await approvePairing(placeOf(asked), code, choice);
  asked.running.nudge(grant.accountId);
  const held = answered === 1 ? "1 held message" : `${answered} held messages`;
  const memory = await describeSharedMemory(placeOf(asked), grant, asked.command.handle);
  const approved = `Approved ${grant.handle}.${answered === 0 ? "" : ` ${held} will be answered.`}`;
  return say([approved, ...(memory === undefined ? [] : [memory])].join("\n"));
}

async function deny(asked: Asked, code: string, choice: PairingChoice): Promise<CommandAnswer> {
  const { handle } = await denyPairing(placeOf(asked), code, choice);
  return say(`Denied ${handle}. They are not told, and can ask again in an hour.`);
}

function placeOf({ settings, running }: Asked) {
  return { settings, store: running.store };
}
