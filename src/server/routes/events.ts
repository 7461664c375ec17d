// The event stream, for pages and for programs.
import type { App, Serving } from "../serving.ts";

/** Adds the route. */
export function addEventRoutes(app: App, { running, streams, heartbeatMs, now }: Serving): void {
  app.get("/api/events", async (context) => {
    const caller = context.get("caller");
    const sessionId = caller.kind === "browser" ? caller.session.id : undefined;
    const waiting = await running.store.views.countWaiting(now());
    return streams.open(running, {
      waiting,
      heartbeatMs,
      lastSeen: context.req.header("last-event-id") ?? context.req.query("after"),
      sessionId,
      mayGoOn: async () => sessionId === undefined || isSignedIn(sessionId),
    });
  });

  async function isSignedIn(sessionId: number): Promise<boolean> {
    const sessions = await running.store.pageSessions.list(now());
    return sessions.some(({ id }) => id === sessionId);
  }
}
