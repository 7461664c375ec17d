// Which chat id stands for which guid, as seen on the wire since the database was last replaced.
import { sameChatGuid } from "../../model/chat-guid.ts";
import type { ChatRef } from "../../model/message.ts";

/** Pairs of one database. */
export class ChatBook {
  readonly #guids = new Map<number, string>();

  learn(chat: ChatRef): void {
    if (chat.chatId > 0 && chat.chatGuid !== "") this.#guids.set(chat.chatId, chat.chatGuid);
  }

  /** Another database gives its own numbers to chats. */
  forget(): void {
    this.#guids.clear();
  }

  /** Undefined: the id was not seen. */
  guidOf(chatId: number): string | undefined {
    return this.#guids.get(chatId);
  }

  /** The guid as this database writes it; the service part of the one asked for does not count. */
  find(guid: string): string | undefined {
    return [...this.#guids.values()].find((known) => sameChatGuid(known, guid));
  }
}
