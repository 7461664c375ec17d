// `initialize` and `status`: what works now.

import { knowsReactions } from "../read/row-columns.ts";
import type { MessageStore } from "../read/store.ts";
import { knowsUnread } from "../read/unread.ts";
import type { MethodHandler, RpcContext } from "./context.ts";
import { knowsScheduled } from "./count-methods.ts";
import { bridgeSelectors, methodNames, usableMethods } from "./descriptors.ts";
import { NO_BRIDGE, invalidParams } from "./error.ts";
import type { Reading } from "./reading.ts";
import { StrictParams } from "./strict-params.ts";

const PROTOCOL_VERSION = 1;

/** Makes the methods. */
export function statusMethods(reading: Reading, version: string): Record<string, MethodHandler> {
  return {
    initialize(params, context) {
      const given = new StrictParams(params, "initialize", ["protocol_version"]).integer("protocol_version");
      if (given !== undefined && given !== PROTOCOL_VERSION) {
        throw invalidParams(
          `unsupported protocol_version ${given}; supported version is ${PROTOCOL_VERSION}`,
        );
      }
      return statusOf(reading, version, context);
    },
    status(params, context) {
      void new StrictParams(params, "status", []);
      return statusOf(reading, version, context);
    },
  };
}

function statusOf({ database }: Reading, version: string, context: RpcContext): object {
  const problem = database.problem();
  const features = problem === undefined ? featuresOf(database.source().store) : undefined;
  const isReady = features !== undefined;
  const methods = usableMethods({ database: isReady, bridge: context.bridge });
  const isListed = (name: string): boolean =>
    name === "messages.scheduled" ? features?.scheduled_messages === true : true;
  return {
    version,
    protocol_version: PROTOCOL_VERSION,
    database: { path: context.dbPath, ready: isReady, ...(isReady ? { features } : { error: problem }) },
    bridge: context.bridge
      ? {
          ready: true,
          bridge_version: 2,
          v2_ready: true,
          registry_available: true,
          selectors: bridgeSelectors(),
        }
      : { ready: false, error: NO_BRIDGE },
    contacts: { available: false },
    methods: methods.filter(isListed),
    supported_methods: methodNames("v1"),
  };
}

function featuresOf(store: MessageStore) {
  const has = (...names: string[]): boolean => names.every((name) => store.has("message", name));
  return {
    unread_state: knowsUnread(store),
    scheduled_messages: knowsScheduled(store),
    reactions: knowsReactions(store),
    reply_context: has("thread_originator_guid"),
    routing_metadata: has("destination_caller_id"),
    balloon_payloads: has("balloon_bundle_id", "payload_data"),
  };
}
