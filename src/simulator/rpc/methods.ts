// The registry of RPC methods by name; each group of methods is loaded when one of them is first called.

import type { MethodHandler } from "./context.ts";

/** Finds a method; undefined when there is none of that name. */
export type MethodLookup = (name: string) => Promise<MethodHandler | undefined>;

/** Methods known so far. Reading methods are there from the start, the sending ones join on first use. */
export const methods = new Map<string, MethodHandler>();
