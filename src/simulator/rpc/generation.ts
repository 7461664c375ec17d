// What the server asks a generation of imsg for.

import type { RpcContext } from "./context.ts";
import type { Lane, LaneWidths } from "./lanes.ts";
import type { MethodLookup } from "./methods.ts";
import type { Reading } from "./reading.ts";

/** What a generation is built from. */
export interface GenerationParts {
  readonly context: RpcContext;
  readonly reading: Reading;
  readonly version: string;
}

/** The rules one generation serves by. */
export interface Service {
  readonly lookup: MethodLookup;
  readonly widths: LaneWidths;
  /** Requests that may wait and run together. */
  readonly limit: number;
  /** Whether a request without an id is answered when it fails. */
  readonly answersSilentErrors: boolean;
  /** The lane of a method; the empty name stands for a line that is no request. */
  laneOf(method: string): Lane;
  /** Told of every error a method threw. */
  onError(error: unknown): void;
}

/** Builds the rules. */
export type Generation = (parts: GenerationParts) => Service;
