// Backup, wipe, restore: the conversation goes on, nothing is answered twice, and what was there is kept. The journal counts both sides.
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { create } from "tar";
import { expect, onTestFinished, test } from "vitest";
import { World } from "./world.ts";

const ANNA = "+14155550001";

test("a backup made while the gateway runs brings the conversation back after everything is wiped", async () => {
  await using world = await World.create();
  const gateway = await world.start();
  await world.receive(ANNA, "before the backup");
  await world.expectSent(ANNA, ["You said: before the backup"]);
  const file = join(world.dir, "saved.tar.gz");
  const made = await world.coderclaw("backup", file, "--json");
  expect([made.code, made.stderr]).toEqual([0, ""]);
  expect(JSON.parse(made.stdout)).toMatchObject({ files: ["state.db", "coderclaw.json"] });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const config = await readFile(world.configFile, "utf8");

  await gateway.kill("SIGTERM");
  await rm(join(world.dir, "state"), { recursive: true });
  await world.receive(ANNA, "while everything was gone");
  const restored = await world.coderclaw("restore", file, "--yes");
  expect([restored.code, restored.stderr]).toEqual([0, ""]);
  expect(restored.stdout).toMatch(/^Restored [12] messages and 0 pairings/u);
  expect(await readFile(world.configFile, "utf8")).toBe(config);
  await world.start();
  await world.expectSent(ANNA, ["You said: before the backup", "You said: while everything was gone"]);
});

test("restoring keeps what was there, and --skip-missed answers nothing from before", async () => {
  await using world = await World.create();
  let gateway = await world.start();
  await world.receive(ANNA, "one");
  await world.expectSent(ANNA, ["You said: one"]);
  const file = join(world.dir, "saved.tar.gz");
  await world.coderclaw("backup", file);
  await world.receive(ANNA, "two");
  await world.expectSent(ANNA, ["You said: one", "You said: two"]);

  const early = await world.coderclaw("restore", file, "--yes");
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining("Stop it first") as string]);
  await gateway.kill("SIGTERM");
  const { stdout } = await world.coderclaw("restore", file, "--yes", "--skip-missed", "--json");
  const { kept } = JSON.parse(stdout) as { kept: string[] };
  const database = kept.find((path) => path.includes("state.db.before-restore-")) ?? "";
  const old = new DatabaseSync(database, { readOnly: true });
  expect(old.prepare("SELECT count(*) AS n FROM inbox WHERE message LIKE '%two%'").get()).not.toEqual({
    n: 0,
  });
  old.close();
  gateway = await world.start();
  await world.receive(ANNA, "three");
  await world.expectSent(ANNA, ["You said: one", "You said: two", "You said: three"]);
});

test.each([
  ["no archive", async (path: string) => writeFile(path, "not an archive")],
  [
    "an archive of something else",
    async (path: string, dir: string) => pack(path, dir, { "notes.txt": "hello" }),
  ],
  [
    "a backup of a newer format",
    async (path: string, dir: string) =>
      pack(path, dir, { "backup.json": '{"format":99,"files":["state.db"]}', "state.db": "" }),
  ],
  [
    "a database that is damaged",
    async (path: string, dir: string) =>
      pack(path, dir, {
        "backup.json": '{"format":1,"files":["state.db"]}',
        "state.db": "SQLite format 3\0 and no more",
      }),
  ],
])("%s is refused, and nothing is changed", async (_, make) => {
  await using world = await World.create();
  const dir = await mkdtemp(join(tmpdir(), "archive-"));
  onTestFinished(async () => rm(dir, { recursive: true }));
  const file = join(dir, "file.tar.gz");
  await make(file, dir);
  const before = await readFile(world.configFile, "utf8");
  const { code, stderr } = await world.coderclaw("restore", file, "--yes");
  expect(code).toBe(1);
  expect(stderr.split("\n").length).toBe(3);
  expect(await readFile(world.configFile, "utf8")).toBe(before);
});

test("a database of a newer version is refused", async () => {
  await using world = await World.create();
  await (await world.start()).kill("SIGTERM");
  const file = join(world.dir, "saved.tar.gz");
  await world.coderclaw("backup", file);
  const database = new DatabaseSync(join(world.dir, "state/state.db"));
  database.exec("PRAGMA user_version = 9999");
  database.close();
  const newer = join(world.dir, "newer.tar.gz");
  const { code, stderr } = await world.coderclaw("backup", newer);
  expect([code, stderr]).toEqual([1, expect.stringContaining("has version 9999") as string]);
});

test("a backup never replaces a file, and says where it may write", async () => {
  await using world = await World.create();
  await (await world.start()).kill("SIGTERM");
  const file = join(world.dir, "saved.tar.gz");
  await world.coderclaw("backup", file);
  const again = await world.coderclaw("backup", file);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("already exists") as string]);
  const nowhere = await world.coderclaw("backup", "/no/such/folder/x.tar.gz");
  expect([nowhere.code, nowhere.stderr]).toEqual([
    1,
    expect.stringContaining('"/no/such/folder" cannot be written to (ENOENT)') as string,
  ]);
});

test("--secrets takes the token along", async () => {
  await using world = await World.create();
  await (await world.start()).kill("SIGTERM");
  await writeFile(join(world.dir, "state/service.env"), "A=b\n");
  await chmod(join(world.dir, "state/service.env"), 0o600);
  const token = await readFile(join(world.dir, "state/gateway.token"), "utf8");
  const file = join(world.dir, "saved.tar.gz");
  await world.coderclaw("backup", file, "--secrets");
  await rm(join(world.dir, "state"), { recursive: true });
  expect((await world.coderclaw("restore", file)).code).toBe(0);
  expect(await readFile(join(world.dir, "state/gateway.token"), "utf8")).toBe(token);
  expect(await readFile(join(world.dir, "state/service.env"), "utf8")).toBe("A=b\n");
});

async function pack(path: string, dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  await create({ cwd: dir, file: path, gzip: true }, Object.keys(files));
}
