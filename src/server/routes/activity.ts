// The record of activity.
import { exportActivity, listActivity } from "../../control/activity/activity.ts";
import type { ActivityItem, Page } from "../api.ts";
import { readCount } from "../body.ts";
import { downloadOf } from "../download.ts";
import type { App, Serving } from "../serving.ts";

const ENTRIES = { name: "limit", fallback: 50, most: 200 };

/** Adds the routes. */
export function addActivityRoutes(app: App, { running }: Serving): void {
  app.get("/api/activity", async (context) => {
    const { kind, before, limit } = context.req.query();
    const choice = { kind, before, limit: readCount(limit, ENTRIES) };
    return context.json<Page<ActivityItem>>(await listActivity(running.store, choice));
  });
  app.get("/api/activity/export", (context) =>
    downloadOf(exportActivity(running.store, context.req.query("kind")), "activity.jsonl"),
  );
}
