// imsg from 0.14: lanes, strict parameters, silence towards requests without an id.

import type { GenerationParts, Service } from "./generation.ts";
import { PARALLEL } from "./lanes.ts";

/** The rules of the current generation. */
export function v1Generation(_parts: GenerationParts): Service {
  return {
    lookup: () => undefined,
    widths: PARALLEL,
    limit: 128,
    answersSilentErrors: false,
    laneOf: () => "control",
    onError: () => {},
  };
}
