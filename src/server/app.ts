// The control server as a function from Request to Response: the door, who asks, then one file of routes a family.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { RunningGateway } from "../control/status/running.ts";
import { loadOnce } from "../lib/load-once.ts";
import { GatewayError } from "../model/errors.ts";
import { identify, type Caller } from "./caller.ts";
import { findForeign, pathOf, type Doors, type Foreign } from "./doors.ts";
import { failureResponse } from "./failure.ts";
import { addHeaders } from "./headers.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addMessageRoutes } from "./routes/messages.ts";
import { addStatusRoutes } from "./routes/status.ts";
import type { App, AppEnv, AppOptions, Serving } from "./serving.ts";
import { Streams } from "./streams.ts";

const MAX_BODY_BYTES = 256 * 1024;

/** The one path of the API that takes neither a token nor a session. */
const SIGN_IN = "/api/sign-in";

/** Makes the app. Answers below `/api/` are JSON, but for event streams and downloads. */
export function createApp(running: RunningGateway, options: AppOptions): App {
  const doors = (): Doors => ({
    listening: options.listening(),
    publicUrls: running.settings().gateway.publicUrls,
  });
  const serving: Serving = { ...options, running, doors, streams: new Streams() };
  const app: App = new Hono<AppEnv>({ getPath: (request) => pathOf(request, doors()) });
  app.use(async (context, next) => {
    await next();
    addHeaders(context.res.headers, options.listener);
  });
  app.use(async ({ req }, next) => {
    const foreign = findForeign(req.raw, doors());
    return foreign === undefined ? next() : refuse(req.raw, foreign, doors());
  });
  app.use("/api/*", async (context, next) => {
    if (context.req.path === SIGN_IN) return next();
    try {
      const credentials = { token: options.token, cookieName: options.cookieName, nowMs: options.now() };
      context.set("caller", await identify(context.req.raw, running.store, credentials));
    } catch (refused) {
      return failureResponse(refused, 401);
    }
    return next();
  });
  app.use("/api/*", bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => failureResponse(tooLarge(), 413) }));
  addStatusRoutes(app, serving);
  addMessageRoutes(app, serving);
  addEventRoutes(app, serving);
  options.onClose(addMetricsRoute(app, serving));
  addPage(app, serving);
  app.onError((thrown) => failureResponse(thrown));
  return app;
}

/** The page and what only the page asks for, loaded when it is first asked for. */
function addPage(app: App, serving: Serving): void {
  const load = loadOnce(async () => (await import("./page-app.ts")).createPageApp(serving));
  app.all("*", async ({ req, env, get }) => {
    const caller = get("caller") as Caller | undefined;
    return (await load()).fetch(req.raw, { ...env, ...(caller === undefined ? {} : { caller }) });
  });
}

/** Programs get JSON; a person who opened the page there gets one that says what to do. */
async function refuse(request: Request, foreign: Foreign, { listening }: Doors): Promise<Response> {
  const { allowingCommand, refusalPage } = await import("./refusal-page.ts");
  if ((request.headers.get("accept") ?? "").includes("text/html")) return refusalPage(request, foreign);
  const { what, host, origin } = foreign;
  const message =
    what === "host"
      ? `The Host ${JSON.stringify(host)} is not one of this server's.`
      : `Requests from ${JSON.stringify(origin)} are not answered.`;
  const command = allowingCommand(request, foreign);
  const hint = `Ask for http://127.0.0.1:${listening.port}${command === undefined ? "" : `, or allow this address: ${command}`}.`;
  return failureResponse(new GatewayError("gateway/refused", message, { hint }), 403);
}

function tooLarge(): GatewayError {
  return new GatewayError("gateway/refused", `The body is larger than ${MAX_BODY_BYTES} bytes.`, {
    hint: "Send less at once.",
  });
}
