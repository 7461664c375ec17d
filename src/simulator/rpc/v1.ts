// imsg from 0.14: lanes, strict parameters, silence towards requests without an id.

import { DESCRIPTORS } from "./descriptors.ts";
import { ERROR, RpcError } from "./error.ts";
import type { GenerationParts, Service } from "./generation.ts";
import { PARALLEL } from "./lanes.ts";
import { lookupMethods } from "./methods.ts";
import { v1Methods } from "./v1-methods.ts";

const OUTSTANDING_LIMIT = 128;

/** The rules of the current generation. */
export function v1Generation({ reading, version }: GenerationParts): Service {
  const lookup = lookupMethods(v1Methods(reading, version));
  let uncertain: Readonly<Record<string, unknown>> | undefined;
  return {
    widths: PARALLEL,
    limit: OUTSTANDING_LIMIT,
    answersSilentErrors: false,
    laneOf: (method) => DESCRIPTORS[method]?.lane ?? "control",
    lookup(method) {
      const descriptor = DESCRIPTORS[method];
      if (descriptor === undefined) return undefined;
      if (descriptor.lane === "mutation" && uncertain !== undefined) throw laneBlocked(uncertain);
      return lookup(method);
    },
    onError(error) {
      if (!(error instanceof RpcError) || typeof error.data !== "object" || error.data === null) return;
      const data = error.data as Record<string, unknown>;
      if (data["disposition"] === "still_in_flight") uncertain = data;
    },
  };
}

/** An operation that may still run bars all later ones until the process is started anew. */
function laneBlocked(uncertain: Readonly<Record<string, unknown>>): RpcError {
  const { operation } = uncertain;
  return new RpcError(ERROR.laneBlocked, "Mutation lane blocked", {
    ...uncertain,
    detail: `A prior ${typeof operation === "string" ? operation : "operation"} remains in flight. Restart the RPC child before sending another mutation.`,
  });
}
