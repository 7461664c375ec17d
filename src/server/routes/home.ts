// What the page shows first.
import { readHome } from "../../control/page/home.ts";
import type { HomeAnswer } from "../api.ts";
import type { App, Serving } from "../serving.ts";

/** Adds the route. */
export function addHomeRoutes(app: App, { running, now }: Serving): void {
  app.get("/api/home", async (context) => context.json<HomeAnswer>(await readHome(running, now())));
}
