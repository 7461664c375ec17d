// OpenCode as the scenarios run it: the pinned program, its configuration, and an environment that keeps it off the network and off this user's files.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Absolute path of the program. */
export const BINARY = join(HERE, "node_modules/opencode-ai/bin/opencode.exe");

/** Installs the version of the lock file, unless it is there. */
export async function installOpenCode(): Promise<void> {
  const [wanted, there] = await Promise.all([lockedVersion("package-lock.json"), installedVersion()]);
  if (there === wanted) return;
  const npm = spawn("npm", ["ci", "--prefix", HERE, "--no-audit", "--no-fund"], { stdio: "inherit" });
  const [code] = (await once(npm, "close")) as [number | null];
  if (code !== 0) throw new Error("OpenCode could not be installed: see above what npm says");
}

async function installedVersion(): Promise<string | undefined> {
  // npm writes this file last.
  return lockedVersion("node_modules/.package-lock.json").catch(() => undefined);
}

async function lockedVersion(file: string): Promise<string | undefined> {
  interface Lock {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  }
  const lock = JSON.parse(await readFile(join(HERE, file), "utf8")) as Lock;
  return lock.packages["node_modules/opencode-ai"]?.version;
}

/**
 * Writes its configuration into `home` and gives its environment: the model is the one at `baseUrl`, edits and commands are to be
 * allowed first, and what it keeps, caches and unpacks stays below `home`.
 */
export async function prepareOpenCode(home: string, baseUrl: string): Promise<Record<string, string>> {
  const folders = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_STATE_HOME: join(home, "state"),
    XDG_CACHE_HOME: join(home, "cache"),
    TMPDIR: join(home, "tmp"),
  };
  for (const folder of [join(folders.XDG_CONFIG_HOME, "opencode"), folders.TMPDIR])
    await mkdir(folder, { recursive: true });
  const config = {
    autoupdate: false,
    share: "disabled",
    model: "mock/mock",
    small_model: "mock/mock",
    enabled_providers: ["mock"],
    permission: { edit: "ask", bash: "ask" },
    provider: {
      mock: {
        npm: "@ai-sdk/openai-compatible",
        name: "Mock",
        options: { baseURL: baseUrl, apiKey: "none" },
        models: { mock: { name: "Mock", tool_call: true } },
      },
    },
  };
  await writeFile(join(folders.XDG_CONFIG_HOME, "opencode/opencode.json"), JSON.stringify(config));
  return {
    ...folders,
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    OPENCODE_DISABLE_MODELS_FETCH: "1",
    OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
    OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    // Beside its stdin it serves its API on the loopback.
    OPENCODE_SERVER_PASSWORD: randomUUID(),
    // Its plugin package would be installed into each of its configuration folders.
    npm_config_offline: "true",
  };
}
