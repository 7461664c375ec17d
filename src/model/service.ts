// By which service a message travelled: what its row says, else the guid of its chat, else nobody knows.
import type { InboundMessage } from "./message.ts";

/** Services whose senders Apple vouches for; `iMessageLite` is iMessage by satellite. */
const VOUCHED = new Set(["imessage", "imessagelite"]);

/** `iMessage`, `SMS`, `RCS` or another; undefined: neither the row nor the guid says (macOS 26 writes `any;-;X`). */
export function serviceOf({
  service,
  chatGuid,
}: Pick<InboundMessage, "service" | "chatGuid">): string | undefined {
  if (service !== undefined && service !== "") return service;
  const [, inGuid = ""] = /^([^;]*);[-+];/u.exec(chatGuid) ?? [];
  return inGuid === "" || inGuid.toLowerCase() === "any" ? undefined : inGuid;
}

/** True when nobody can write under another's handle by this service. */
export function isVouchedFor(service: string | undefined): boolean {
  return service !== undefined && VOUCHED.has(service.toLowerCase());
}
