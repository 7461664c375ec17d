// `gateway sessions list|revoke`: the browsers that are signed in to the control page.
import type { Command } from "commander";
import { listPageSessions, revokePageSession } from "../control/page/sign-in.ts";
import { withState } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { oneLine, renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly json?: boolean;
}

/** Adds `sessions` below `gateway`. */
export function addSessions(gateway: Command, cli: Cli): void {
  const sessions = gateway
    .command("sessions")
    .summary("browsers signed in to the control page: list, revoke")
    .description("Shows who is signed in to the control page, and signs browsers out.")
    .helpCommand(false);
  sessions
    .command("list")
    .summary("who is signed in")
    .description("Lists the browsers that are signed in, the latest used first.")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw gateway sessions list", "who is signed in?"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
  sessions
    .command("revoke")
    .summary("sign a browser out")
    .description("Signs a browser out at once, wherever it is.")
    .argument("<id>", "its number in the list")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw gateway sessions revoke 3", "that phone is lost"]))
    .action(async (id: string, _options, command: Command) => revoke(cli, id, command.optsWithGlobals()));
}

async function list(cli: Cli, options: Options): Promise<void> {
  const sessions = await withState(options, async ({ store }) => listPageSessions(store, Date.now()));
  if (options.json) return cli.printJson({ sessions });
  if (sessions.length === 0) return cli.print("No browser is signed in. Sign one in with `coderclaw page`.");
  const rows = sessions.map(({ id, device, linkFrom, createdAtMs, lastUsedAtMs, expiresAtMs }) => [
    `${id}`,
    device,
    linkFrom,
    renderTime(createdAtMs),
    renderTime(lastUsedAtMs),
    renderTime(expiresAtMs),
  ]);
  cli.print(renderTable(["ID", "DEVICE", "LINK FROM", "SIGNED IN", "LAST USED", "UNTIL"], rows));
}

async function revoke(cli: Cli, id: string, options: Options): Promise<void> {
  const session = await withState(options, async ({ store }) =>
    revokePageSession(store, id, { by: "command line", nowMs: Date.now() }),
  );
  if (options.json) return cli.printJson({ session });
  cli.print(oneLine(`Signed out: ${session.device} (session ${session.id}).`));
}
