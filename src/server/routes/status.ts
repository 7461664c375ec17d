// How things stand: status, probe, and why a message was or was not answered.
import { explain } from "../../control/explain/explain.ts";
import { probeAccounts } from "../../control/status/probe.ts";
import { readStatus } from "../../control/status/status.ts";
import type { App, Serving } from "../serving.ts";
import { optionalText, readBody } from "../body.ts";

/** Adds the routes. */
export function addStatusRoutes(app: App, { running, probe, now }: Serving): void {
  app.get("/api/status", async (context) => context.json(await readStatus(running, now())));
  app.get("/api/explain/:reference", async (context) =>
    context.json({ messages: await explain(running.store, context.req.param("reference")) }),
  );
  app.post("/api/probe", async (context) => {
    const account = optionalText(await readBody(context), "account");
    return context.json({ probes: await probeAccounts(running.settings(), account, probe) });
  });
}
