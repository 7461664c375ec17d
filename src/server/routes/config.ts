// The config file: shown, changed after a look at the diff, and taken back.
import { changeConfig, previewConfig, readConfigPage, type Edits } from "../../control/page/config.ts";
import type { ConfigAnswer, ConfigChangeAnswer, ConfigPreviewAnswer } from "../api.ts";
import { badRequest, readBody, requiredText, type Body } from "../body.ts";
import { actorOf } from "../caller.ts";
import type { App, Serving } from "../serving.ts";

const MOST_EDITS = 100;

/** Adds the routes. */
export function addConfigRoutes(app: App, { running, now, surroundings }: Serving): void {
  const { configPath } = surroundings;
  app.get("/api/config", async (context) => context.json<ConfigAnswer>(await readConfigPage({ configPath })));
  app.post("/api/config/preview", async (context) => {
    const edits = readEdits(await readBody(context));
    return context.json<ConfigPreviewAnswer>(await previewConfig(edits, { configPath }));
  });
  app.post("/api/config/change", async (context) => {
    const edits = readEdits(await readBody(context));
    const how = { configPath, by: actorOf(context.get("caller")), nowMs: now() };
    const made = await changeConfig(running.store, edits, how);
    await surroundings.reload();
    return context.json<ConfigChangeAnswer>(made);
  });
}

function readEdits(body: Body): Edits {
  const version = requiredText(body, "version");
  if (body["undo"] === true) return { version, undo: true };
  const { edits } = body;
  if (!Array.isArray(edits) || edits.length === 0 || edits.length > MOST_EDITS)
    throw badRequest(`\`edits\` must be a list of 1 to ${MOST_EDITS} changes`);
  return { version, edits: edits.map(readEdit) };
}

function readEdit(edit: unknown): { readonly path: string; readonly value?: string } {
  const { path, value } = (edit ?? {}) as { readonly path?: unknown; readonly value?: unknown };
  if (typeof path !== "string") throw badRequest("`path` of a change must be a text");
  if (value === undefined) return { path };
  if (typeof value !== "string") throw badRequest("`value` of a change must be a text");
  return { path, value };
}
