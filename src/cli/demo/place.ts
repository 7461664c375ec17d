// The throw-away folder of the demo: a state folder with a plain config file, a Mac's database, and a script for each program.
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPrograms, launcher, quoted, writeProgram } from "../own-programs.ts";

/** Absolute paths of the demo's folder. */
export interface Place {
  readonly dir: string;
  /** Runs this program on the folder's state. */
  readonly coderclaw: string;
  /** Runs the stand-in for `imsg`; the config's `cliPath`. */
  readonly imsg: string;
  /** The Messages database. */
  readonly database: string;
  /** A line for each time the thinking agent began. */
  readonly thoughts: string;
}

/** An agent in its simplest form; it lies in the default agent's workspace. */
const THINKER = `#!/bin/sh
# An agent in its simplest form: the message comes on stdin, what is printed is the answer.
text=$(cat)
echo "attempt $CODERCLAW_TURN_ATTEMPT" >> thoughts
sleep 1
printf 'I thought for a second about "%s" (attempt %s).' "$text" "$CODERCLAW_TURN_ATTEMPT"
`;

/** The value that `agents.defaults.runtime` takes to have that agent answer. */
export const THINKER_RUNTIME = '{ type: "command", command: ["./thinker"] }';

/** Makes the folder (0700) with everything in it but the database. */
export async function makePlace(): Promise<Place> {
  const programs = findPrograms();
  const dir = await mkdtemp(join(tmpdir(), "coderclaw-demo-"));
  const workspace = join(dir, "state/workspace");
  const place: Place = {
    dir,
    coderclaw: join(dir, "coderclaw"),
    imsg: join(dir, "imsg"),
    database: join(dir, "mac/chat.db"),
    thoughts: join(workspace, "thoughts"),
  };
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  await writeProgram(join(workspace, "thinker"), THINKER);
  // Without the cache: a child that outlives its gateway for a moment would make the removed folder again.
  await writeProgram(place.imsg, launcher(["unset NODE_COMPILE_CACHE"], programs.standIn));
  await writeProgram(
    place.coderclaw,
    launcher(
      [
        // Each of the many commands would strip the same sources of their types again.
        `export NODE_COMPILE_CACHE=${quoted(join(dir, "cache"))}`,
        "unset CODERCLAW_CONFIG_PATH CODERCLAW_GATEWAY_PORT CODERCLAW_GATEWAY_TOKEN",
        `export CODERCLAW_STATE_DIR=${quoted(join(dir, "state"))}`,
      ],
      programs.coderclaw,
    ),
  );
  await writeFile(join(dir, "state/coderclaw.json"), configText(place), { mode: 0o600 });
  return place;
}

const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;

/** Removes the folder. */
export async function removePlace({ dir }: Place): Promise<void> {
  await rm(dir, REMOVAL);
}

/** Removes the folder before it returns, for a process that is about to exit. */
export function removePlaceNow({ dir }: Place): void {
  rmSync(dir, REMOVAL);
}

/** How often the thinking agent has begun to think. */
export async function countThoughts({ thoughts }: Place): Promise<number> {
  const text = await readFile(thoughts, "utf8").catch(() => "");
  return text.split("\n").length - 1;
}

function configText({ imsg, database }: Place): string {
  return `// Made by \`coderclaw demo\`. Everything not said here is the default: strangers are asked to pair, the echo agent answers.
{
  channels: {
    imessage: {
      cliPath: ${JSON.stringify(imsg)},
      dbPath: ${JSON.stringify(database)},
    },
  },
  gateway: { port: 0 }, // any free one
}
`;
}
