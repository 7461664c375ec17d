// Which chat id stands for which guid, as seen on the wire since the database was last replaced.
import { chatGuidKey } from "../../model/chat-guid.ts";
import type { ChatRef } from "../../model/message.ts";

/** Pairs of one database. */
export class ChatBook {
  readonly #guids = new Map<number, string>();
  /** By what names the chat in its guid, the service part left out and the case of it, too. */
  readonly #byKey = new Map<string, string>();

  learn(chat: ChatRef): void {
    if (chat.chatId <= 0 || chat.chatGuid === "" || this.#guids.get(chat.chatId) === chat.chatGuid) return;
    this.#guids.set(chat.chatId, chat.chatGuid);
    this.#byKey.set(keyOf(chat.chatGuid), chat.chatGuid);
  }

  /** Another database gives its own numbers to chats. */
  forget(): void {
    this.#guids.clear();
    this.#byKey.clear();
  }

  /** Undefined: the id was not seen. */
  guidOf(chatId: number): string | undefined {
    return this.#guids.get(chatId);
  }

  /** The guid as this database writes it; the service part of the one asked for does not count. */
  find(guid: string): string | undefined {
    return this.#byKey.get(keyOf(guid));
  }
}

function keyOf(guid: string): string {
  return chatGuidKey(guid).toLowerCase();
}
