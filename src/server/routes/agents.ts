// Agents: what they do, what they remember, and trying one.
import {
  chooseForSession,
  listAgentSessions,
  readAgents,
  requireSession,
} from "../../control/page/agents.ts";
import { exportSession } from "../../control/sessions/export.ts";
import { resetSession } from "../../control/sessions/sessions.ts";
import { GatewayError } from "../../model/errors.ts";
import type { AgentsAnswer, AgentSessionItem, DoneAnswer, Page, TryAnswer } from "../api.ts";
import { badRequest, optionalText, readBody, readCount, requiredText } from "../body.ts";
import { actorOf } from "../caller.ts";
import { downloadOf } from "../download.ts";
import type { App, Serving } from "../serving.ts";

const SESSIONS = { name: "limit", fallback: 30, most: 100 };
const FORMATS = ["markdown", "jsonl", "json"] as const;
const ENDINGS = { markdown: "md", jsonl: "jsonl", json: "json" };
/** What an agent is asked in a trial. */
const LONGEST_PROMPT = 4000;

/** Adds the routes. */
export function addAgentRoutes(app: App, serving: Serving): void {
  const { running, now } = serving;
  const { searchPath, tryAgent } = serving.surroundings;
  let isTrying = false;

  app.get("/api/agents", async (context) =>
    context.json<AgentsAnswer>(await readAgents(running, await searchPath())),
  );
  app.get("/api/agents/:id/sessions", async (context) => {
    const { before, limit } = context.req.query();
    const page = { before, limit: readCount(limit, SESSIONS) };
    return context.json<Page<AgentSessionItem>>(
      await listAgentSessions(running, context.req.param("id"), page),
    );
  });
  app.post("/api/agents/:id/try", async (context) => {
    const prompt = requiredText(await readBody(context), "text").slice(0, LONGEST_PROMPT);
    if (isTrying)
      throw new GatewayError("gateway/busy", "Another agent is being tried right now.", {
        hint: "Wait until it has answered.",
      });
    isTrying = true;
    try {
      return context.json<TryAnswer>(await tryAgent(context.req.param("id"), prompt));
    } finally {
      isTrying = false;
    }
  });
  app.post("/api/agents/:id/choose", async (context) => {
    const body = await readBody(context);
    const what = requiredText(body, "what");
    if (what !== "mode" && what !== "model") throw badRequest('`what` must be "mode" or "model"');
    const key = requiredText(body, "key");
    const chosen = {
      agentId: context.req.param("id"),
      key,
      what,
      choice: optionalText(body, "choice"),
    } as const;
    return context.json<DoneAnswer>({ done: await chooseForSession(running, chosen, now()) });
  });
  app.post("/api/agents/:id/reset", async (context) => {
    const session = await requireSession(
      running,
      context.req.param("id"),
      requiredText(await readBody(context), "key"),
    );
    await resetSession(running.store, session.key, now());
    const text = `had agent ${session.agentId} forget session ${session.key}`;
    const actor = actorOf(context.get("caller"));
    await running.store.activity.note({ atMs: now(), kind: "session", actor, text });
    return context.json<DoneAnswer>({ done: "New session: what was said before is forgotten" });
  });
  app.get("/api/agents/:id/export", async (context) => {
    const { key = "", format: asked = "markdown" } = context.req.query();
    const format = FORMATS.find((one) => one === asked);
    if (format === undefined) throw badRequest(`\`format\` must be one of: ${FORMATS.join(", ")}`);
    const session = await requireSession(running, context.req.param("id"), key);
    const pieces = exportSession(running.store, session.key, { format, all: false });
    return downloadOf(pieces, `session-${session.sessionId}.${ENDINGS[format]}`);
  });
}
