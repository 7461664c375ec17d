// Commands in chat: name → the family that carries it out; whatever goes wrong is a short reply.
import type { LoadOptions } from "../../config/read/load.ts";
import type { Log } from "../../lib/log.ts";
import type { CommandAnswer, CommandEntry, CommandName } from "../../model/command.ts";
import { toGatewayError } from "../../model/errors.ts";
import type { ChatOperations } from "../../model/ports.ts";
import { agent } from "./agent.ts";
import { renderRefusal, say, type Asked, type Operation } from "./answer.ts";
import { mode, model } from "./choice.ts";
import { config, readConfigVerb } from "./config.ts";
import { help } from "./help.ts";
import { page } from "./page.ts";
import { pairing, readPairing } from "./pairing.ts";
import { reset, stop } from "./sessions.ts";
import { status } from "./status.ts";
import { whoami } from "./whoami.ts";
import type { RunningGateway } from "../status/running.ts";

/** What commands in chat work on. */
export interface ChatPlace {
  readonly running: RunningGateway;
  /** Which config file `/config` reads and writes. */
  readonly config: LoadOptions;
  readonly log: Log;
  /** Epoch ms. */
  readonly now: () => number;
}

const OPERATIONS: Readonly<Record<CommandName, Operation>> = {
  help,
  whoami,
  status,
  page,
  new: reset,
  reset,
  stop,
  agent,
  mode,
  model,
  pairing,
  config,
};

/** Makes the operations. Contract: see `ChatOperations`. */
export function createChatOperations(place: ChatPlace): ChatOperations {
  return { run: async (command) => run(place, command), isOnceOnly };
}

/** What they say about people and the configuration is not for everybody in a group. */
const FOR_OWNER_ALONE: ReadonlySet<CommandName> = new Set(["config", "pairing"]);

async function run(place: ChatPlace, command: CommandEntry): Promise<CommandAnswer> {
  const answer = await carryOut(place, command);
  return FOR_OWNER_ALONE.has(command.command.name) ? { ...answer, isPrivate: true } : answer;
}

async function carryOut(
  { running, config, log, now }: ChatPlace,
  command: CommandEntry,
): Promise<CommandAnswer> {
  const { name } = command.command;
  if (command.wasBegun && isOnceOnly(command)) return say(interrupted(name));
  const asked: Asked = { command, running, settings: running.settings(), config, nowMs: now() };
  try {
    return await OPERATIONS[name](asked);
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (error.code !== "internal/bug") return say(renderRefusal(error));
    log.error(`/${name} failed`, { accountId: command.accountId, error });
    return say("⚠️ Something went wrong. The gateway's log has the cause.");
  }
}

function isOnceOnly({ command }: CommandEntry): boolean {
  if (command.name === "config") return ["set", "unset", "undo"].includes(readConfigVerb(command.args));
  return command.name === "pairing" && ["approve", "deny"].includes(readPairing(command.args).verb);
}

/** A crash came between the beginning of a command and its end. */
function interrupted(name: CommandName): string {
  const look = name === "config" ? "/config get PATH" : "/pairing list";
  return `⚠️ The gateway ended while this was being done, and whether it was done is not known. It was not done again: look with ${look}.`;
}
