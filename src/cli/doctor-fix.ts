// `doctor --fix`: one repair at a time, each shown and asked about; a backup before the first.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { findControl, openConfig, openConfigFile } from "../gateway/open-state.ts";
import type { Repair } from "../gateway/repairs.ts";
import { GatewayError, toGatewayError } from "../model/errors.ts";
import { confirm, isTerminal } from "./ask.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { askGateway } from "./client.ts";
import { installService } from "./service.ts";
import { oneLine } from "./table.ts";

interface Options extends GlobalOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

interface Done {
  readonly problem: string;
  readonly change: string;
  readonly result: "repaired" | "skipped" | "failed";
  readonly detail: string;
}

/** Repairs what can be repaired; the answer is whether everything that was found is. */
export async function fix(cli: Cli, options: Options): Promise<boolean> {
  const quiet: Cli = options.json ? { ...cli, print: () => {} } : cli;
  if (!(await translateForeignConfig(quiet, options))) return false;
  const config = await openConfig(options);
  const control = await findControl(options);
  const answer = await askGateway(control, { method: "GET", path: "/api/status", timeoutMs: 3000 }).catch(
    () => undefined,
  );
  const { findRepairs } = await import("../gateway/repairs.ts");
  const repairs = await findRepairs(options, config, { isRunning: answer !== undefined, nowMs: Date.now() });
  const done: Done[] = [];
  let isBackedUp = false;
  for (const repair of repairs) {
    quiet.print(oneLine(repair.problem));
    quiet.print(repair.change.replaceAll(/^/gmu, "  "));
    if (!(await isWanted(repair, options))) {
      done.push({ problem: repair.problem, change: repair.change, result: "skipped", detail: "" });
      continue;
    }
    if (!isBackedUp) isBackedUp = await backUp(quiet, config, cli.version);
    done.push(await carryOut(quiet, repair, options));
  }
  if (options.json) cli.printJson({ repairs: done });
  else if (repairs.length === 0) cli.print("Nothing to repair.");
  return done.every(({ result }) => result === "repaired");
}

async function isWanted({ isSafe }: Repair, options: Options): Promise<boolean> {
  if (options.yes === true && isSafe) return true;
  if (!isTerminal()) {
    if (options.yes === true) return false;
    throw new GatewayError("cli/usage", "Repairs need an answer, and there is no terminal to ask at", {
      hint: "Add --yes to carry out every safe one.",
    });
  }
  return confirm("Do this?", "--yes");
}

async function carryOut(cli: Cli, repair: Repair, options: Options): Promise<Done> {
  const { problem, change } = repair;
  try {
    const detail = repair.by === "us" ? await repair.run() : await reinstall(cli, options);
    cli.print(oneLine(detail));
    return { problem, change, result: "repaired", detail };
  } catch (thrown) {
    const { message, hint } = toGatewayError(thrown);
    cli.print(`${oneLine(message)}\n${oneLine(hint)}`);
    return { problem, change, result: "failed", detail: message };
  }
}

async function reinstall(cli: Cli, options: Options): Promise<string> {
  await installService({ ...cli, print: () => {} }, { config: options.config, yes: true });
  return "The service is up to date";
}

/** A damaged database cannot be backed up; its repair keeps the file itself. */
async function backUp(
  cli: Cli,
  config: Awaited<ReturnType<typeof openConfig>>,
  version: string,
): Promise<boolean> {
  if (!existsSync(config.settings.storePath)) return true;
  const folder = join(config.sources.places.stateDir, "backups");
  const { backupName, makeBackup } = await import("../gateway/backup.ts");
  const nowMs = Date.now();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, backupName(nowMs));
    await makeBackup(config, { file, version, nowMs, withSecrets: false, onProgress: () => {} });
    cli.print(oneLine(`Backup first: ${file}`));
  } catch (thrown) {
    cli.print(oneLine(`No backup was possible: ${toGatewayError(thrown).message}`));
  }
  return true;
}

/** A config of OpenClaw or its kin in our place: what it means here, shown and asked about. Nothing else can be looked at before. */
async function translateForeignConfig(cli: Cli, options: Options): Promise<boolean> {
  const { validateConfig, translateConfig } = await openConfigFile();
  const { file, problems } = await validateConfig(undefined, { configPath: options.config });
  if (problems.length === 0) return true;
  const translation = await translateConfig({ configPath: options.config });
  if (translation === undefined || !isTerminal()) {
    for (const { path, message, hint } of problems)
      cli.print(`${oneLine(`${path}: ${message}`)}\n  ${oneLine(hint)}`);
    throw new GatewayError("config/invalid", `"${file}" is not valid, and cannot be repaired without you`, {
      hint: "Correct what is listed above, then run `coderclaw doctor --fix` again.",
    });
  }
  cli.print(`"${file}" has keys of another gateway, or of an older version. What of it has a meaning here:`);
  cli.print(translation.text.replaceAll(/^/gmu, "  "));
  for (const { from, note } of translation.left) cli.print(oneLine(`Left out: ${from}: ${note}`));
  if (!(await confirm("Write this? The file as it is stays beside it as .bak.", "--yes", false)))
    return false;
  await translation.write();
  return true;
}
