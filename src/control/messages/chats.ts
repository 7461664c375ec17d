// Chats of an account, as its imsg lists them.
import type { ChatSummary } from "../../model/message.ts";
import { chooseAccount } from "../accounts.ts";
import type { RunningGateway } from "../status/running.ts";

/** Chats of a running account, newest activity first. Throws `account/unknown`, or what imsg refuses with. */
export async function listChats(
  running: RunningGateway,
  accountId: string | undefined,
  limit: number,
): Promise<readonly ChatSummary[]> {
  const { id } = chooseAccount(running.settings(), accountId);
  const account = running.accounts().find((one) => one.settings.id === id);
  return account === undefined ? [] : account.messages.chats(limit);
}
