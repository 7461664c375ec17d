// What agents of tests do bit by bit.
import type { AgentRequest } from "../../src/model/turn.ts";
import type { FlowWorld, Play } from "./flow-world.ts";

/** A piece of the answer. */
export function text(said: string): { readonly kind: "text"; readonly text: string } {
  return { kind: "text", text: said };
}

/** Settles once the agent is to end. */
export async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** Says nothing until it is ended. */
export const hang = async (_request: AgentRequest, signal: AbortSignal): Promise<string> => {
  await ended(signal);
  return "";
};

/** What was sent to the direct chat of somebody. */
export function sentTo(world: FlowWorld, sender: string): string[] {
  return world.sent.filter(({ to }) => to === `chat_id:${sender.slice(-1)}`).map(({ text: said }) => said);
}

/** Says a beginning and lets nothing more be known until it was sent so far. */
export function saying(world: FlowWorld, beginning: string, sent: number, then: Play): Play {
  return async function* (request, signal, host) {
    yield text(beginning);
    await world.until(() => world.sent.length >= sent, "the beginning is sent");
    const said = then(request, signal, host);
    if (Symbol.asyncIterator in said) return yield* said;
    const only = await said;
    yield typeof only === "string" ? text(only) : only;
  };
}
