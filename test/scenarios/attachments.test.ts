// Files that come with messages, through real processes: what the agent finds, what it is told of the rest, and nothing is lost for a file.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { TurnInput } from "../../src/agents/turn-input.ts";
import { REACH } from "./reach.ts";
import { DIALECTS, until, World, type Dialect } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** Keeps every turn it is given, and answers with how many there were. */
const AGENT = `#!${process.execPath}
const fs = require("node:fs");
const turn = JSON.parse(fs.readFileSync(0, "utf8"));
const before = fs.readdirSync(".").filter((name) => name.startsWith("turn-")).length;
turn.paths = JSON.parse(process.env.CODERCLAW_ATTACHMENTS);
turn.contents = turn.paths.map((path) => fs.readFileSync(path, "base64"));
fs.writeFileSync("turn-" + (before + 1) + ".json", JSON.stringify(turn));
process.stdout.write("answer " + (before + 1));
`;

interface SeenTurn extends TurnInput {
  readonly paths: readonly string[];
  readonly contents: readonly string[];
}

async function createWorld(dialect: Dialect = "v1", imessage: Record<string, unknown> = {}): Promise<World> {
  const world = await World.create({ dialect });
  const agent = join(world.dir, "agent.cjs");
  await writeFile(agent, AGENT);
  await chmod(agent, 0o755);
  await world.configure({
    imessage: { includeAttachments: true, attachmentRoots: [attachments(world)], ...imessage },
    config: {
      agents: {
        defaults: {
          workspace: workspace(world),
          runtime: { type: "command", command: [agent], input: "json" },
        },
      },
    },
  });
  return world;
}

function workspace(world: World): string {
  return join(world.dir, "agent-files");
}

/** Where the stand-in keeps what arrives, as Messages does. */
function attachments(world: World): string {
  return join(world.db, "../Attachments");
}

function seen(world: World, number = 1): SeenTurn {
  return JSON.parse(readFileSync(join(workspace(world), `turn-${number}.json`), "utf8")) as SeenTurn;
}

/** A file of the sender's. */
async function file(world: World, name: string, content: string | Buffer = PNG): Promise<string> {
  const folder = join(world.dir, "phone");
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The gateway ran once: what comes from now on is answered by the next start. */
async function beforeStart(world: World): Promise<void> {
  const first = await world.start();
  await first.kill("SIGTERM");
}

/** The paths in the Messages database, in the order they came. */
function stored(world: World): readonly string[] {
  const db = new DatabaseSync(world.db, { timeout: 5000 });
  try {
    const rows = db.prepare("SELECT filename FROM attachment ORDER BY ROWID").all();
    return rows.map(({ filename }) => String(filename));
  } finally {
    db.close();
  }
}

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("a picture is given to the agent as a file of its own, by what it is", async () => {
    await using world = await createWorld(dialect);
    await world.start();
    const name = "it's me & you; $(touch x).pdf";
    const guid = await world.receive(ANNA, "look", "--attachment", await file(world, name));
    await world.expectSent(ANNA, ["answer 1"]);
    const turn = seen(world);
    const [path = ""] = turn.paths;
    expect(turn.messages).toMatchObject([
      {
        text: expect.stringContaining("look"),
        attachments: [{ path, name, mimeType: "image/png", bytes: PNG.length }],
      },
    ]);
    expect(path).toMatch(/state\/media\/c\d+\/[0-9a-f]{64}\.png$/u);
    expect(turn.contents).toEqual([PNG.toString("base64")]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    expect(turn.prompt).toBe(
      `[Message]\n> look\n[Attached file]\n> path: ${path}\n> type: image/png\n> name: ${name}\n> size: ${PNG.length} bytes`,
    );
    expect((await world.coderclaw("explain", guid)).stdout).toContain(`file ${name} taken`);

    await world.receive(ANNA, "again", "--attachment", await file(world, "copy.png"));
    await world.expectSent(ANNA, ["answer 1", "answer 2"]);
    expect(seen(world, 2).paths).toEqual([path]);
    expect(readdirSync(join(path, ".."))).toEqual([path.split("/").at(-1)]);
  });
});

test("what is no file, too large, elsewhere or gone is named with the reason, and the message is answered", async () => {
  await using world = await createWorld("v1", { mediaMaxMb: 0.001 });
  await beforeStart(world);
  const secret = await file(world, "secret.txt", "the owner's");
  const good = await file(world, "good.txt", "fine");
  const large = await file(world, "large.bin", Buffer.alloc(1100));
  const growing = await file(world, "growing.bin", "small");
  const names = ["link.txt", "folder.txt", "pipe.txt", "gone.txt", "new\nline.txt"];
  const others = await Promise.all(names.map(async (name) => file(world, name, name)));
  const all = [good, large, growing, ...others];
  const guid = await world.receive(
    ANNA,
    "all",
    "--at",
    "-30m",
    ...all.flatMap((path) => ["--attachment", path]),
  );
  const at = (name: string): string => stored(world).find((path) => path.endsWith(`/${name}`)) ?? "";
  await writeFile(at("growing.bin"), Buffer.alloc(5000));
  for (const name of ["link.txt", "folder.txt", "pipe.txt", "gone.txt"]) await rm(at(name));
  await symlink(secret, at("link.txt"));
  await mkdir(at("folder.txt"));
  execFileSync("mkfifo", [at("pipe.txt")]);
  await world.start();
  await world.expectSent(ANNA, ["answer 1"], 60_000);

  const turn = seen(world);
  const [message] = turn.messages;
  const told = (message?.attachments ?? []).map((one) => [
    one.name,
    "missing" in one ? one.missing : one.mimeType,
  ]);
  expect(told).toEqual([
    ["good.txt", "text/plain"],
    ["large.bin", "it is larger than 0.01 MB (0.01 MB)"],
    ["growing.bin", expect.stringContaining("larger")],
    // Links of another machine are followed there: what it says is checked as a path only.
    REACH === "local"
      ? ["link.txt", "it lies outside of the folders that files may come from"]
      : ["link.txt", "text/plain"],
    ["folder.txt", "it is no plain file"],
    ["pipe.txt", "it is no plain file"],
    ["gone.txt", "Messages has not downloaded it"],
    ["new line.txt", "text/plain"],
  ]);
  if (REACH === "local") expect(JSON.stringify(turn)).not.toContain("the owner's");
  expect(turn.prompt.split("\n").filter((line) => !line.startsWith("> "))).toEqual([
    "[Message]",
    ...told.map(([, what]) => (what === "text/plain" ? "[Attached file]" : "[Attached file, missing]")),
  ]);
  const explained = (await world.coderclaw("explain", guid)).stdout;
  expect(explained).toContain("file gone.txt missing: Messages has not downloaded it");
});

test("a file that Messages is still downloading is waited for; nobody else waits, and a kill meanwhile loses nothing", async () => {
  await using world = await createWorld();
  await beforeStart(world);
  await world.receive(ANNA, "late", "--attachment", await file(world, "late.png"));
  const [landing = ""] = stored(world);
  await rename(landing, `${landing}.download`);
  const first = await world.start();
  await world.receive(BEN, "hello");
  await world.expectSent(BEN, ["answer 1"]);
  expect(world.sentTo(ANNA)).toEqual([]);
  await first.kill();
  await rename(`${landing}.download`, landing);
  await world.start();
  await world.expectSent(ANNA, ["answer 2"]);
  expect(seen(world, 2)).toMatchObject({ attempt: 2, contents: [PNG.toString("base64")] });
});

test("without includeAttachments a file is named and nothing is fetched", async () => {
  await using world = await createWorld("v1", { includeAttachments: false });
  await world.start();
  await world.receive(ANNA, "look", "--attachment", await file(world, "a.png"));
  await world.expectSent(ANNA, ["answer 1"]);
  const turn = seen(world);
  expect(turn.prompt).toContain(`[Attached file, not fetched]\n> a.png (image/png, ${PNG.length} bytes)`);
  expect(turn).toMatchObject({ paths: [], messages: [expect.not.objectContaining({ attachments: [] })] });
  await until(() => !readdirSync(join(world.dir, "state")).includes("media"));
});
