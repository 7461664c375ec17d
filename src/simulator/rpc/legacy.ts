// imsg up to 0.13: one request at a time, errors answered even without an id.

import type { Service, GenerationParts } from "./generation.ts";
import { SERIAL } from "./lanes.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { lookupMethods } from "./methods.ts";

/** The rules of the legacy generation. */
export function legacyGeneration({ reading }: GenerationParts): Service {
  return {
    lookup: lookupMethods(legacyMethods(reading)),
    widths: SERIAL,
    limit: Infinity,
    answersSilentErrors: true,
    laneOf: () => "control",
    onError: () => {},
  };
}
