// Which folder an added agent works in: asked at a terminal where nothing was said, and where the folder is not there.
import { mkdir, stat } from "node:fs/promises";
import type { Preset } from "../../control/agents/presets.ts";
import { readFolder } from "../../gateway/open-state.ts";
import { GatewayError } from "../../model/errors.ts";
import type { Settings } from "../../model/settings.ts";
import { askText, confirm, isTerminal } from "../ask.ts";
import type { Cli } from "../cli.ts";
import { oneLine } from "../table.ts";

/** What was said on the command line. */
export interface WorkspaceWishes {
  readonly workspace?: string | undefined;
  readonly json?: boolean | undefined;
  /** The configuration in force. */
  readonly settings: () => Promise<Settings>;
}

/**
 * The folder as it is to be written into the config; undefined: the default one. In a script nothing is asked, and a folder that is not there is
 * made with the first turn.
 *
 * Contract: rejects with `cli/usage` for what is no folder, and for a folder that is not to be made.
 */
export async function chooseWorkspace(
  cli: Cli,
  { title, runtime }: Preset,
  { workspace, json, settings }: WorkspaceWishes,
): Promise<string | undefined> {
  // A model has no tools: its folder does not matter.
  if (runtime.kind === "model") return workspace;
  const asks = json !== true && isTerminal();
  const said = workspace ?? (asks ? await ask(title, await settings()) : undefined);
  if (said === undefined) return undefined;
  const folder = await readFolder(said);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return writable(said, folder);
  if (found !== undefined)
    throw new GatewayError("cli/usage", `${JSON.stringify(said)} is not a folder`, {
      hint: "Name a folder with --workspace.",
    });
  if (!asks) {
    if (json !== true) cli.note(oneLine(`${folder} is not there yet; the first turn makes it`));
    return writable(said, folder);
  }
  if (!(await confirm(`The folder ${folder} does not exist. Create it?`, "--workspace")))
    throw new GatewayError("cli/usage", `There is no folder ${JSON.stringify(said)}`, {
      hint: "Name another one with --workspace.",
    });
  await mkdir(folder, { recursive: true });
  return writable(said, folder);
}

async function ask(title: string, { agents, defaultAgentId }: Settings): Promise<string | undefined> {
  const standard = agents.find(({ id }) => id === defaultAgentId)?.workspace;
  const said = await askText(`Which folder does ${title} work in?`, {
    option: "--workspace",
    initial: standard ?? process.cwd(),
  });
  return said === standard ? undefined : said;
}

/** `~` stays as it was written; anything else is read from here, and not from wherever the gateway is started. */
function writable(said: string, folder: string): string {
  return said === "~" || said.startsWith("~/") ? said : folder;
}
