// Sending by hand, and the chats there are.
import { listChats } from "../../control/messages/chats.ts";
import { sendMessage, waitForSent, type SendRequest } from "../../control/messages/send.ts";
import { GatewayError } from "../../model/errors.ts";
import { asId, type PartId } from "../../model/ids.ts";
import type { App, Serving } from "../serving.ts";
import { badRequest, optionalText, readBody, readCount, requiredText, type Body } from "../body.ts";
import type { Caller } from "../caller.ts";

const MAX_WAIT_MS = 10 * 60_000;
const CHATS = { name: "limit", fallback: 20, most: 99_999 };

/** Adds the routes. */
export function addMessageRoutes(app: App, { running, now }: Serving): void {
  app.get("/api/chats", async (context) => {
    const { account, limit } = context.req.query();
    return context.json({ chats: await listChats(running, account, readCount(limit, CHATS)) });
  });
  app.post("/api/send", async (context) =>
    context.json(await sendMessage(running, readSend(await readBody(context), context.get("caller")), now)),
  );
  app.post("/api/send/wait", async (context) =>
    context.json(await waitForSent(running, readWait(await readBody(context)), now)),
  );
}

/** A program with the token may have files of this machine sent; a browser may not. */
function readSend(body: Body, caller: Caller): SendRequest {
  const file = optionalText(body, "file");
  if (file !== undefined && caller.kind === "browser")
    throw new GatewayError("gateway/refused", "The page cannot send files from the gateway's disk.", {
      hint: "Send it with `coderclaw message send --file`.",
    });
  const target = requiredText(body, "target");
  const text = file === undefined ? requiredText(body, "text") : (optionalText(body, "text") ?? "");
  return { accountId: optionalText(body, "account"), target, text, file, waitMs: readWaitMs(body) };
}

function readWait(body: Body): { readonly ids: readonly PartId[]; readonly waitMs: number } {
  const { ids } = body;
  if (!Array.isArray(ids) || ids.length > 100 || !ids.every((id) => Number.isSafeInteger(id)))
    throw badRequest("`ids` must be a list of at most 100 message numbers");
  return { ids: ids.map((id: number) => asId<PartId>(id)), waitMs: readWaitMs(body) };
}

function readWaitMs({ waitMs = 0 }: Body): number {
  if (typeof waitMs === "number" && waitMs >= 0 && waitMs <= MAX_WAIT_MS) return waitMs;
  throw badRequest(`\`waitMs\` must be a number from 0 to ${MAX_WAIT_MS}`);
}
