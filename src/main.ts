// argv → one cli file, loaded on demand. An old Node reads this file first: nothing newer than Node 18 may stand in it.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

const WANTED_NODE = 24;

if (Number(process.versions.node.split(".")[0]) < WANTED_NODE) await handOverToNewerNode();
else await start();

async function start(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`${readVersion()}\n`);
    return;
  }
  endWithParent();
  const { run } = await import("./cli/run.ts");
  process.exitCode = await run(argv, readVersion());
}

/** Handed over to by an older Node that is killed: nobody would know of this process any more. */
function endWithParent(): void {
  if (!process.channel) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Runs the same command by the Node that was installed with the package, if there is one. */
async function handOverToNewerNode(): Promise<void> {
  const pinned = ["../node_modules/node/bin/node", "../../node/bin/node"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path) && realpathSync(path) !== realpathSync(process.execPath));
  if (pinned === undefined) {
    process.stderr.write(
      `CoderClaw needs Node ${WANTED_NODE} or newer; this is ${process.version}.\n` +
        `Install Node ${WANTED_NODE}, or run \`npm install node@${WANTED_NODE}\` beside the package.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { spawn } = await import("node:child_process");
  const child = spawn(pinned, process.argv.slice(1), { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
