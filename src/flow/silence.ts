// What is said in place of an agent that ended a turn without a word.
import { plainText, type FormattedText } from "../model/formatting.ts";
import { writtenText } from "../model/message-text.ts";
import type { Turn } from "../model/turn.ts";
import { unknownCommand } from "../rules/command.ts";
import { composeSilence } from "../rules/compose-reply.ts";
import type { AccountContext } from "./frame.ts";
import { newest } from "./turn-end.ts";

/**
 * One sentence where the message was a word behind a slash: some agents say nothing to one that they do not know, and nothing to some
 * that they do. Any other silence stays one.
 */
export async function breakSilence(turn: Turn, context: AccountContext): Promise<readonly FormattedText[]> {
  const word = unknownCommand(writtenText(newest(turn).message));
  const agent = context.agent(turn.agentId);
  if (word === undefined || agent === undefined) return [];
  const offers = await agent.runtime.offers(turn.sessionId).catch(() => undefined);
  const isKnown = offers?.commands.some(({ name }) => name.toLowerCase() === word.toLowerCase()) === true;
  return [plainText(composeSilence(agent.settings.name, word, isKnown))];
}
