// The control server as a function from Request to Response: guards, then one operation a route.
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { listChats } from "../control/messages/chats.ts";
import { explain } from "../control/explain/explain.ts";
import { probeAccounts, type ProbeOne } from "../control/status/probe.ts";
import type { RunningGateway } from "../control/status/running.ts";
import { sendMessage, waitForSent, type SendRequest } from "../control/messages/send.ts";
import { readStatus } from "../control/status/status.ts";
import { GatewayError } from "../model/errors.ts";
import { asId, type PartId } from "../model/ids.ts";
import { eventStream } from "./events.ts";
import { failureResponse } from "./failure.ts";
import { requireOwnHost, requireSameOrigin, requireToken, type Listening } from "./guards.ts";

/** What the app is told beside the gateway. */
export interface AppOptions {
  readonly token: string;
  /** Known once the server listens. */
  readonly listening: () => Listening;
  readonly probe: ProbeOne;
  /** Epoch ms. */
  readonly now: () => number;
  /** Between two signs of life on an event stream. */
  readonly heartbeatMs: number;
}

const MAX_BODY_BYTES = 256 * 1024;
const MAX_WAIT_MS = 10 * 60_000;
const DEFAULT_CHATS = 20;

/** Makes the app. Every answer but the event stream is JSON. */
export function createApp(running: RunningGateway, options: AppOptions): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header("Server", "coderclaw");
    context.header("Cache-Control", "no-store");
    context.header("X-Content-Type-Options", "nosniff");
  });
  app.use(async ({ req }, next) => {
    requireOwnHost(req.raw, options.listening());
    requireSameOrigin(req.raw);
    await next();
  });
  app.use("/api/*", async ({ req }, next) => {
    try {
      requireToken(req.raw, options.token);
    } catch (refused) {
      return failureResponse(refused, 401);
    }
    await next();
  });
  app.use("/api/*", bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => failureResponse(tooLarge(), 413) }));
  addRoutes(app, running, options);
  app.notFound(() => failureResponse(noSuchPath(), 404));
  app.onError((thrown) => failureResponse(thrown));
  return app;
}

function addRoutes(app: Hono, running: RunningGateway, { probe, now, heartbeatMs }: AppOptions): void {
  app.get("/api/status", async (context) => context.json(await readStatus(running, now())));
  app.get("/api/explain/:reference", async (context) =>
    context.json({ messages: await explain(running.store, context.req.param("reference")) }),
  );
  app.get("/api/events", () => eventStream(running, heartbeatMs));
  app.get("/api/chats", async (context) => {
    const { account, limit } = context.req.query();
    return context.json({ chats: await listChats(running, account, readLimit(limit)) });
  });
  app.post("/api/send", async (context) =>
    context.json(await sendMessage(running, readSend(await readBody(context)), now)),
  );
  app.post("/api/send/wait", async (context) =>
    context.json(await waitForSent(running, readWait(await readBody(context)), now)),
  );
  app.post("/api/probe", async (context) => {
    const { account } = await readBody(context);
    if (account !== undefined && typeof account !== "string") throw badRequest("`account` must be a text");
    return context.json({ probes: await probeAccounts(running.settings(), account, probe) });
  });
}

type Body = Readonly<Record<string, unknown>>;

async function readBody(context: Context): Promise<Body> {
  const text = await context.req.text();
  let body: unknown;
  try {
    body = text === "" ? {} : JSON.parse(text);
  } catch {
    throw badRequest("The body is not JSON");
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Body;
  throw badRequest("The body must be a JSON object");
}

function readSend({
  target,
  file,
  text = file === undefined ? undefined : "",
  account,
  waitMs = 0,
}: Body): SendRequest {
  if (typeof target !== "string") throw badRequest("`target` must be a text");
  if (typeof text !== "string") throw badRequest("`text` must be a text");
  if (file !== undefined && typeof file !== "string") throw badRequest("`file` must be a text");
  if (account !== undefined && typeof account !== "string") throw badRequest("`account` must be a text");
  return { accountId: account, target, text, file, waitMs: readWaitMs(waitMs) };
}

function readWait({ ids, waitMs = 0 }: Body): { readonly ids: readonly PartId[]; readonly waitMs: number } {
  if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id)))
    throw badRequest("`ids` must be a list of message numbers");
  return { ids: ids.map((id: number) => asId<PartId>(id)), waitMs: readWaitMs(waitMs) };
}

function readWaitMs(waitMs: unknown): number {
  if (typeof waitMs === "number" && waitMs >= 0 && waitMs <= MAX_WAIT_MS) return waitMs;
  throw badRequest(`\`waitMs\` must be a number from 0 to ${MAX_WAIT_MS}`);
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_CHATS;
  const limit = Number(text);
  if (/^\d{1,5}$/.test(text) && limit > 0) return limit;
  throw badRequest("`limit` must be a whole number from 1 to 99999");
}

function badRequest(what: string): GatewayError {
  return new GatewayError("cli/usage", `${what}.`, { hint: "Correct the request." });
}

function tooLarge(): GatewayError {
  return new GatewayError("gateway/refused", `The body is larger than ${MAX_BODY_BYTES} bytes.`, {
    hint: "Send less at once.",
  });
}

function noSuchPath(): GatewayError {
  return new GatewayError("gateway/refused", "There is nothing at this path.", {
    hint: "Ask for /api/status, /api/explain/REF, /api/events, /api/chats, or post to /api/send, /api/send/wait or /api/probe.",
  });
}
