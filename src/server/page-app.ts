// The control page's part of the server: its files, and the routes that only it asks for. Loaded with the first request for any of them.
import { Hono } from "hono";
import { GatewayError } from "../model/errors.ts";
import type { App, AppEnv, Serving } from "./serving.ts";
import { lacksSlash, pathOf } from "./doors.ts";
import { failureResponse } from "./failure.ts";
import { answerWithFile } from "./page-files.ts";
import { addActivityRoutes } from "./routes/activity.ts";
import { addAgentRoutes } from "./routes/agents.ts";
import { addConfigRoutes } from "./routes/config.ts";
import { addConversationRoutes } from "./routes/conversations.ts";
import { addHomeRoutes } from "./routes/home.ts";
import { addInboxRoutes } from "./routes/inbox.ts";
import { addSessionRoutes } from "./routes/sessions.ts";

/** Makes it. The door and who asks were seen to before. */
export function createPageApp(serving: Serving): App {
  const app: App = new Hono<AppEnv>({ getPath: (request) => pathOf(request, serving.doors()) });
  app.use("/api/*", async (context, next) => {
    if (context.env.caller !== undefined) context.set("caller", context.env.caller);
    return next();
  });
  addSessionRoutes(app, serving);
  addHomeRoutes(app, serving);
  addInboxRoutes(app, serving);
  addConversationRoutes(app, serving);
  addAgentRoutes(app, serving);
  addActivityRoutes(app, serving);
  addConfigRoutes(app, serving);
  app.all("/api/*", () => failureResponse(noSuchPath(), 404));
  app.get("*", async ({ req }) => {
    if (lacksSlash(req.raw, serving.doors()))
      return new Response(null, { status: 308, headers: { Location: `${lastName(req.raw)}/` } });
    const path = pathOf(req.raw, serving.doors());
    const files = await serving.pageFiles();
    const file = answerWithFile(files, path === "/" ? "index.html" : path.slice(1), req.raw);
    return file ?? failureResponse(noSuchPath(), 404);
  });
  app.notFound(() => failureResponse(noSuchPath(), 404));
  app.onError((thrown) => failureResponse(thrown));
  return app;
}

/** For an address relative to the one that was asked for: a proxy may have cut off what was before. */
function lastName(request: Request): string {
  return new URL(request.url).pathname.split("/").at(-1) ?? "";
}

function noSuchPath(): GatewayError {
  return new GatewayError("gateway/no-such-path", "There is nothing at this path.", {
    hint: "Open the control page at /, or see docs/page.md for what programs may ask for.",
  });
}
