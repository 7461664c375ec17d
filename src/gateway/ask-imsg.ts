// Questions to an account's imsg outside its running life, each by a child of its own: the probe, and its chats.
import type { ProbeVerdict } from "../control/status/probe.ts";
import type { ChatSummary } from "../model/message.ts";
import { GatewayError, toGatewayError } from "../model/errors.ts";
import type { AccountSettings } from "../model/settings.ts";

const END_GRACE_MS = 500;

/** Probes an account's imsg. Contract: never rejects. */
export async function probeAccount({ transport }: AccountSettings): Promise<readonly ProbeVerdict[]> {
  const { probe } = await import("../imsg/probe.ts");
  return probe(transport);
}

/** Chats of an account that no gateway runs, newest activity first. Contract: rejects with a `GatewayError` of `imsg/…`. */
export async function readChats(account: AccountSettings, limit: number): Promise<readonly ChatSummary[]> {
  const { identify } = await import("../imsg/child/dialect.ts");
  const { Link, programOf } = await import("../imsg/child/link.ts");
  const { Queries } = await import("../imsg/read/queries.ts");
  const timeoutMs = account.transport.probeTimeoutMs;
  const link = new Link({ ...programOf(account.transport), onNoise: () => {}, onNotification: () => {} });
  try {
    await identify(link, timeoutMs);
    return await new Queries(link, { accountId: account.id, timeoutMs, onBroken: () => {} }).chats(limit);
  } catch (thrown) {
    // A child that ended knows better why than the call that was cut off.
    throw withRemedy(toGatewayError(link.isOver ? await link.ended : thrown));
  } finally {
    await link.close(END_GRACE_MS);
  }
}

/** No gateway runs that would start another child. */
function withRemedy(error: GatewayError): GatewayError {
  if (error.code !== "imsg/gone") return error;
  const { code, message, details, cause } = error;
  const hint = "Run `coderclaw channels status --probe` to see what is wrong.";
  return new GatewayError(code, message, { hint, details, cause });
}
