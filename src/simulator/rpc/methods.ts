// The registry: finds the handler of a method's name, loading the sending methods when one is first called.

import type { MethodHandler } from "./context.ts";

/** Finds a handler; undefined when no method has that name. */
export type MethodLookup = (name: string) => Promise<MethodHandler | undefined> | MethodHandler | undefined;

/** Puts the reading methods before the sending ones, which most reading processes never load. */
export function lookupMethods(reading: Readonly<Record<string, MethodHandler>>): MethodLookup {
  const methods = new Map(Object.entries(reading));
  let complete = false;
  return (name) => {
    const known = methods.get(name);
    if (known !== undefined || complete) return known;
    return import("../send/methods.ts").then(({ sendMethods }) => {
      complete = true;
      for (const [sendName, handler] of Object.entries(sendMethods)) methods.set(sendName, handler);
      return methods.get(name);
    });
  };
}
