// The documentation is true: examples run, configs are valid, files and links exist, every code has its entry.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { HoldCode, IgnoreCode, RememberCode } from "../src/model/decision.ts";
import { until } from "./scenarios/world.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGES = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .sort(),
];

interface Block {
  readonly info: string;
  readonly text: string;
  readonly line: number;
}

/** The fenced blocks of a page. */
function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(join(ROOT, page), "utf8").split("\n").entries()) {
    const fence = /^ *```(.*)$/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open) {
      blocks.push({ info: open.info, text: `${open.lines.join("\n")}\n`, line: open.line });
      open = undefined;
    } else open = { info: (fence[1] ?? "").trim(), line: index + 2, lines: [] };
  }
  return blocks;
}

/** A fresh home with the two programs on the PATH. */
class Home {
  readonly dir: string;
  readonly port: number;
  readonly #environment: NodeJS.ProcessEnv;
  #gateway: ChildProcess | undefined;

  private constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("CODERCLAW_"));
    this.#environment = {
      ...Object.fromEntries(kept),
      HOME: dir,
      PATH: `${join(dir, ".bin")}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      CODERCLAW_GATEWAY_PORT: String(port),
      NODE_COMPILE_CACHE: join(dir, ".cache"),
    };
  }

  static async create(): Promise<Home> {
    const home = new Home(await mkdtemp(join(tmpdir(), "coderclaw-docs-")), await freePort());
    await mkdir(join(home.dir, ".bin"));
    for (const [name, file] of [
      ["coderclaw", "src/main.ts"],
      ["imsg-sim", "src/simulator/main.ts"],
    ] as const) {
      const path = join(home.dir, ".bin", name);
      await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, file)}' "$@"\n`);
      await chmod(path, 0o755);
    }
    return home;
  }

  /** Runs a block as one script; rejects with what it printed when a command in it fails. */
  async run(script: string): Promise<void> {
    const mine = script.replaceAll("127.0.0.1:18789", `127.0.0.1:${this.port}`);
    await run("bash", ["-euo", "pipefail", "-c", mine], {
      cwd: this.dir,
      env: this.#environment,
      timeout: 30_000,
    });
  }

  /** Starts a gateway on the page's Messages database; a page that made none gets an empty one. */
  async startGateway(): Promise<void> {
    if (this.#gateway) return;
    if (!existsSync(join(this.dir, "mac/chat.db")))
      await this.run(`imsg-sim init --db ~/mac/chat.db
        coderclaw config set channels.imessage.cliPath imsg-sim
        coderclaw config set channels.imessage.dbPath '~/mac/chat.db'`);
    const gateway = spawn("coderclaw", ["gateway"], {
      env: this.#environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#gateway = gateway;
    let log = "";
    gateway.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    await until(
      () =>
        ["] watching,", "control server on"].every((line) => log.includes(line)) || gateway.exitCode !== null,
      () => log,
    );
    expect(gateway.exitCode, log).toBe(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gateway = this.#gateway;
    if (gateway && gateway.exitCode === null) {
      const ended = new Promise((resolve) => gateway.once("close", resolve));
      gateway.kill("SIGTERM");
      await ended;
    }
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** The anchors of a page's headings, as a reader of Markdown makes them. */
function anchorsOf(path: string): string[] {
  const headings = readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

const examples = PAGES.filter((page) => blocksOf(page).some(({ info }) => info.startsWith("sh test")));

test.each(examples)("%s: its examples run", async (page) => {
  await using home = await Home.create();
  for (const block of blocksOf(page).filter(({ info }) => info.startsWith("sh test"))) {
    if (block.info === "sh test gateway") await home.startGateway();
    else expect(block.info).toBe("sh test");
    await home.run(block.text).catch((cause: unknown) => {
      throw new Error(`${page}:${block.line} failed`, { cause });
    });
  }
});

const configs = PAGES.filter((page) => blocksOf(page).some(({ info }) => info === "json5"));

test.each(configs)("%s: its configs are valid", async (page) => {
  await using home = await Home.create();
  for (const { line, text } of blocksOf(page).filter(({ info }) => info === "json5")) {
    await writeFile(join(home.dir, "example.json"), text);
    const variables = [...text.matchAll(/(?<!\$)\$\{(\w+)\}/g)].map(
      ([, name]) => `export ${name}=set-for-the-test`,
    );
    const script = [...variables, "coderclaw config validate --config ~/example.json"].join("\n");
    await home.run(script).catch((cause: unknown) => {
      throw new Error(`${page}:${line} is not valid`, { cause });
    });
  }
});

describe.each(PAGES)("%s", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8");

  test("links lead somewhere", () => {
    const links = [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, link = ""]) => link,
    );
    const broken = links.filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [file = "", anchor] = link.split("#");
      const path = file === "" ? join(ROOT, page) : join(ROOT, dirname(page), file);
      return !existsSync(path) || (anchor !== undefined && !anchorsOf(path).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test("files of the source that it names exist", () => {
    const named = [...text.matchAll(/\b(?:src|test|scripts|bench)\/[\w./-]*\.(?:ts|js)\b/g)].map(
      ([name]) => name,
    );
    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });
});

/** Every code a decision can have; the compiler wants each one of them. */
const DECISION_CODES: Record<RememberCode | IgnoreCode | HoldCode, true> = {
  "own.row": true,
  "own.echo": true,
  "own.copy": true,
  "row.redelivered": true,
  reaction: true,
  "approval.more": true,
  "event.empty": true,
  "link.preview": true,
  "group.not-mentioned": true,
  "catchup.too-old": true,
  "catchup.before-first-start": true,
  "dm.disabled": true,
  "dm.not-allowed": true,
  "pairing.full": true,
  "pairing.not-one-to-one": true,
  "pairing.self": true,
  "pairing.machine": true,
  "pairing.denied": true,
  "echo.mirror": true,
  "group.disabled": true,
  "group.sender-not-allowed": true,
  "group.not-registered": true,
  "group.entry-disabled": true,
  "command.not-authorised": true,
  "command.not-owner": true,
  "owner.not-imessage": true,
  "approval.over": true,
  "approval.too-early": true,
  "approval.unclear": true,
  "reply.not-allowed": true,
  stopped: true,
  "groupish.unconfigured": true,
  "conversation.muted": true,
  "sender.missing": true,
  "unjoined.expired": true,
  "pairing.code-sent": true,
  "pairing.code-pending": true,
};

test("troubleshooting has an entry with meaning and remedy for each code, and for no other", () => {
  const text = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8");
  const entries = [...text.matchAll(/^\| `([a-z.-]+)` +\| \S.* +\| \S.* +\|$/gm)].map(([, code]) => code);
  expect(new Set(entries)).toEqual(new Set(Object.keys(DECISION_CODES)));
});
