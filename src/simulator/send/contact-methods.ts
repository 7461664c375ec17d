// The bridge methods about people: whether iMessage reaches a handle, and sharing one's name and photo.

import type { MethodHandler, RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { MessageWriter } from "../write.ts";
import { bridgeMethod } from "./bridge-method.ts";
import { requireBridgeToRead } from "./failure.ts";
import { readParams } from "./params.ts";

/** Apple's numbers for a handle that iMessage reaches, and for one it does not. */
const ID_STATUS = { available: 1, unavailable: 2 } as const;

/** The methods by name. */
export const contactMethods: Readonly<Record<string, MethodHandler>> = {
  "handles.check": checkHandle,
  "contacts.shouldShareContact": bridgeMethod({
    name: "contacts.shouldShareContact",
    action: "should-offer-nickname-sharing",
    keys: [],
    isQuestion: true,
    read: () => ({}),
    act: () => ({ can_inspect_offer: true, can_share: true, should_offer: false }),
  }),
  "contacts.shareContactCard": bridgeMethod({
    name: "contacts.shareContactCard",
    action: "share-nickname",
    keys: [],
    read: () => ({}),
    act: () => ({ requested: true }),
  }),
};

/** A handle that the database knows by SMS or RCS alone is not reached; every other one is. */
function checkHandle(values: unknown, context: RpcContext): unknown {
  const params = readParams(values, context, "handles.check", ["address", "alias_type", "service"]);
  const address = params.string("address") ?? "";
  if (address === "") throw invalidParams("address is required");
  const kind = (params.string("alias_type") ?? (address.includes("@") ? "email" : "phone")).toLowerCase();
  if (kind !== "phone" && kind !== "email") throw invalidParams("alias_type must be phone or email");
  if ((params.string("service") ?? "iMessage").toLowerCase() !== "imessage") {
    throw invalidParams("handles.check only supports service iMessage");
  }
  requireBridgeToRead(context);
  const rows = MessageWriter.of(context.db).all(
    "SELECT service FROM handle WHERE id = ? COLLATE NOCASE",
    address,
  );
  const available = rows.length === 0 || rows.some((row) => row["service"] === "iMessage");
  return {
    ok: true,
    address,
    alias_type: kind,
    destination: `${kind === "email" ? "mailto" : "tel"}:${address}`,
    id_status: available ? ID_STATUS.available : ID_STATUS.unavailable,
    available,
    service: "iMessage",
  };
}
