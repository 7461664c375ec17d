// Conversations: the list, one with its timeline, what an owner does in it; and the journal as one list.
import type { Context } from "hono";
import { allowSender, blockSender } from "../../control/conversations/access.ts";
import {
  muteConversation,
  renewSession,
  stopConversation,
  writeIn,
} from "../../control/conversations/acts.ts";
import { listConversations, showConversation } from "../../control/conversations/list.ts";
import { readLog } from "../../control/conversations/log.ts";
import { readTimeline } from "../../control/conversations/timeline.ts";
import type {
  ConversationAnswer,
  ConversationItem,
  DoneAnswer,
  LogItem,
  Page,
  TimelineRow,
  WrittenAnswer,
} from "../api.ts";
import { badRequest, readBody, readCount, requiredText } from "../body.ts";
import { actorOf } from "../caller.ts";
import type { App, AppEnv, Serving } from "../serving.ts";

const CONVERSATIONS = { name: "limit", fallback: 40, most: 100 };
const ROWS = { name: "limit", fallback: 50, most: 100 };

/** Adds the routes. */
export function addConversationRoutes(app: App, { running, now, surroundings }: Serving): void {
  const { store } = running;
  const place = () => ({ settings: running.settings(), store });
  const madeBy = (context: Context<AppEnv>) => ({ by: actorOf(context.get("caller")), nowMs: now() });

  app.get("/api/conversations", async (context) => {
    const { account, search, before, limit } = context.req.query();
    const choice = { account, search, before, limit: readCount(limit, CONVERSATIONS) };
    return context.json<Page<ConversationItem>>(await listConversations(place(), choice));
  });
  app.get("/api/conversations/:id", async (context) =>
    context.json<ConversationAnswer>(await showConversation(place(), context.req.param("id"), now())),
  );
  app.get("/api/conversations/:id/timeline", async (context) => {
    const { before, limit } = context.req.query();
    const page = { before, limit: readCount(limit, ROWS) };
    return context.json<Page<TimelineRow>>(await readTimeline(store, context.req.param("id"), page));
  });
  app.get("/api/log", async (context) => {
    const { account, before, after, limit } = context.req.query();
    const choice = { account, before, after, limit: readCount(limit, ROWS) };
    return context.json<Page<LogItem>>(await readLog(place(), choice));
  });

  app.post("/api/conversations/:id/send", async (context) => {
    const text = requiredText(await readBody(context), "text");
    const partIds = await writeIn(running, context.req.param("id"), { text, nowMs: now() });
    return context.json<WrittenAnswer>({ partIds });
  });
  app.post("/api/conversations/:id/stop", async (context) => {
    const done = await stopConversation(running, context.req.param("id"), madeBy(context));
    return context.json<DoneAnswer>({ done });
  });
  app.post("/api/conversations/:id/new-session", async (context) => {
    const done = await renewSession(store, context.req.param("id"), madeBy(context));
    return context.json<DoneAnswer>({ done });
  });
  app.post("/api/conversations/:id/mute", async (context) => {
    const { muted } = await readBody(context);
    if (typeof muted !== "boolean") throw badRequest("`muted` must be true or false");
    const how = { ...madeBy(context), isMuted: muted };
    return context.json<DoneAnswer>({ done: await muteConversation(store, context.req.param("id"), how) });
  });
  for (const [path, change] of [
    ["allow", allowSender],
    ["block", blockSender],
  ] as const)
    app.post(`/api/conversations/:id/${path}`, async (context) => {
      const handle = requiredText(await readBody(context), "handle");
      const request = { ...madeBy(context), handle, configPath: surroundings.configPath };
      const done = await change(running, context.req.param("id") ?? "", request);
      await surroundings.reload();
      return context.json<DoneAnswer>({ done });
    });
}
