// imsg-sim's executable: hands over to its command line. An old Node reads this file first: nothing newer than Node 18 may stand in it.

import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

const WANTED_NODE = 24;

if (Number(process.versions.node.split(".")[0]) < WANTED_NODE) await handOverToNewerNode();
else await start();

async function start(): Promise<void> {
  const { runCommandLine } = await import("./command-line.ts");
  process.exitCode = await runCommandLine(process.argv.slice(2));
}

/** Runs the same command by the Node that was installed with the package, if there is one. */
async function handOverToNewerNode(): Promise<void> {
  const pinned = ["../node_modules/node/bin/node", "../../node/bin/node"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path) && realpathSync(path) !== realpathSync(process.execPath));
  if (pinned === undefined) {
    process.stderr.write(
      `imsg-sim needs Node ${WANTED_NODE} or newer; this is ${process.version}.\n` +
        `Install Node ${WANTED_NODE}, or run \`npm install node@${WANTED_NODE}\` beside the package.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { spawn } = await import("node:child_process");
  const child = spawn(pinned, process.argv.slice(1), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
