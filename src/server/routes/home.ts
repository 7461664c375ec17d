// What the page shows first, and what is done from there: restarts, the doctor's list, its repairs.
import { requireAccount } from "../../control/accounts.ts";
import { listAgents } from "../../control/agents/list.ts";
import { readHome } from "../../control/page/home.ts";
import { findingsOf, findingsOfAgents, worstFirst } from "../../control/status/doctor.ts";
import { probeAccounts } from "../../control/status/probe.ts";
import { readStatus } from "../../control/status/status.ts";
import { GatewayError } from "../../model/errors.ts";
import type { DoctorAnswer, DoneAnswer, HomeAnswer } from "../api.ts";
import { readBody, requiredText } from "../body.ts";
import { actorOf } from "../caller.ts";
import type { App, Serving } from "../serving.ts";

const MOST_FINDINGS = 100;

/** Adds the routes. */
export function addHomeRoutes(app: App, { running, now, probe, surroundings }: Serving): void {
  app.get("/api/home", async (context) => context.json<HomeAnswer>(await readHome(running, now())));

  app.post("/api/accounts/:id/restart", async (context) => {
    const { id } = requireAccount(running.settings(), context.req.param("id"));
    await running.restartAccount(id);
    const actor = actorOf(context.get("caller"));
    const text = `restarted account ${id}`;
    await running.store.activity.note({ atMs: now(), kind: "session", actor, accountId: id, text });
    return context.json<DoneAnswer>({ done: `Account ${id} was restarted` });
  });

  app.get("/api/doctor", async (context) => {
    const [report, probes, repairs] = await Promise.all([
      readStatus(running, now()),
      probeAccounts(running.settings(), undefined, probe),
      surroundings.findRepairs(),
    ]);
    const agents = findingsOfAgents(await listAgents(running.settings(), await surroundings.searchPath()));
    return context.json<DoctorAnswer>({
      findings: worstFirst([...agents, ...findingsOf(report, probes)]).slice(0, MOST_FINDINGS),
      repairs: repairs.map(({ id, problem, change }) => ({ id, problem, change })),
    });
  });

  app.post("/api/doctor/repair", async (context) => {
    const id = requiredText(await readBody(context), "id");
    const repair = (await surroundings.findRepairs()).find((one) => one.id === id);
    if (repair === undefined)
      throw new GatewayError("gateway/no-such-path", "There is no such repair now.", {
        hint: "Look at the list again: it may be done already.",
      });
    const done = await repair.run();
    const actor = actorOf(context.get("caller"));
    await running.store.activity.note({
      atMs: now(),
      kind: "config",
      actor,
      text: `repaired: ${repair.change}`,
    });
    return context.json<DoneAnswer>({ done });
  });
}
