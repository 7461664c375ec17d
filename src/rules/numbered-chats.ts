// Chats that the configuration names by number: in another Messages database a number is another chat.
import type { AccountSettings, Binding } from "../model/settings.ts";
import type { AllowEntry } from "../model/target.ts";

/** The numbers by which groups, lists and bindings of an account name chats, in order, each once. */
export function numberedChats(account: AccountSettings, bindings: readonly Binding[]): readonly number[] {
  const { allowFrom, groupAllowFrom, groups, allowTo = [] } = account;
  const peers = bindings.filter(({ accountId }) => (accountId ?? account.id) === account.id);
  const entries: readonly (AllowEntry | undefined)[] = [
    ...allowFrom,
    ...groupAllowFrom,
    ...allowTo,
    ...groups.flatMap((group) => [group.key, ...(group.allowFrom ?? [])]),
    ...peers.map(({ peer }) => peer),
  ];
  const numbers = entries.flatMap((entry) => (entry?.kind === "chat_id" ? [entry.chatId] : []));
  return [...new Set(numbers)].toSorted((one, other) => one - other);
}

/** What the owner is told when the database was replaced and the configuration names chats by number. */
export function replacedNotice(numbers: readonly number[]): string {
  return (
    `The Messages database was replaced. What the configuration says about chat ${numbers.join(", ")} may hold for other chats now: ` +
    "look with `coderclaw chats`, and name them by chat_guid instead."
  );
}
