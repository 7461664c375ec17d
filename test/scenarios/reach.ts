// How the scenarios reach their Macs: on this machine, or over a real SSH server by `ssh://` or by a wrapper script.
import { join } from "node:path";
import { SshServer } from "./ssh-server.ts";

export type Reach = "local" | "ssh" | "wrapper";

/** How the Macs of this process's worlds are reached; the projects of vitest's configuration say it. */
export const REACH = readReach(process.env["CODERCLAW_TEST_REACH"] ?? "local");

function readReach(said: string): Reach {
  if (said === "local" || said === "ssh" || said === "wrapper") return said;
  throw new Error(`CODERCLAW_TEST_REACH is "${said}"; local, ssh and wrapper are known`);
}

/** For `test.skipIf`: true where the Macs are elsewhere. `_because` says to the reader why the test means nothing there. */
export function elsewhere(_because: string): boolean {
  return REACH !== "local";
}

/** The way of one world to its Macs. */
export interface Route extends AsyncDisposable {
  /** The `cliPath` for a program of a Mac. */
  cliPath(program: string): Promise<string>;
  /** The `dbPath` for a database under the world's folder. */
  dbPath(db: string): string;
}

/** Opens the way for a world in `dir`, whose gateway has `dir/bin` on its PATH. */
export async function openRoute(dir: string): Promise<Route> {
  if (REACH === "local")
    return {
      cliPath: async (program) => program,
      dbPath: (db) => db,
      [Symbol.asyncDispose]: async () => {},
    };
  const server = await SshServer.start(join(dir, "sshd"), { home: dir, bin: join(dir, "bin") });
  let wrappers = 0;
  return {
    cliPath: async (program) => {
      if (REACH === "ssh") return server.url(program);
      wrappers += 1;
      return server.writeWrapper(join(dir, `wrapper-${wrappers}`), program);
    },
    // `~` is the world's folder there; here it is another one, without a database.
    dbPath: (db) => db.replace(dir, "~"),
    [Symbol.asyncDispose]: async () => server.stop(),
  };
}
