// What is installed where this process was started from: an update changes it under a running gateway.
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** One build of the product. */
export interface InstalledBuild {
  readonly version: string;
  /** Differs between builds of one version. */
  readonly build: string;
}

/** Looks at the installation behind a program file, which may be a link; undefined: there is none now, as in the middle of an update. */
export function readInstalledBuild(program: string): InstalledBuild | undefined {
  try {
    const file = realpathSync(program);
    const { version } = JSON.parse(readFileSync(join(dirname(file), "../package.json"), "utf8")) as {
      readonly version?: unknown;
    };
    if (typeof version !== "string") return undefined;
    // The program names its parts, and their names change with what is in them.
    const build = createHash("sha256").update(version).update(readFileSync(file)).digest("hex");
    return { version, build };
  } catch {
    return undefined;
  }
}

/** Tells what was installed since a process began. */
export class BuildWatch {
  readonly #program: string;
  readonly #began: InstalledBuild | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `program`: the file Node runs, as it was named. Make it while the process starts. */
  constructor(program: string) {
    this.#program = program;
    this.#began = readInstalledBuild(program);
  }

  /** What is installed now; undefined: what runs. */
  changed(): InstalledBuild | undefined {
    const now = this.#began && readInstalledBuild(this.#program);
    return now === undefined || now.build === this.#began?.build ? undefined : now;
  }

  /** Looks again and again; `onChange` is told once of each build. */
  watch(everyMs: number, onChange: (installed: InstalledBuild) => void): void {
    let told: string | undefined;
    this.#timer = setInterval(() => {
      const installed = this.changed();
      if (installed !== undefined && installed.build !== told) onChange(installed);
      told = installed?.build ?? told;
    }, everyMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
