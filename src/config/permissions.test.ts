import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findPlaceFaults, requirePrivate } from "./permissions.ts";

let folder: string;
let stateDir: string;
let configFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "permissions-"));
  stateDir = join(folder, "state");
  configFile = join(stateDir, "coderclaw.json");
  await mkdir(stateDir, { mode: 0o700 });
  await writeFile(configFile, "{}", { mode: 0o600 });
});
afterEach(async () => rm(folder, { recursive: true }));

function places(): { stateDir: string; configFile: string } {
  return { stateDir, configFile };
}

test("places of one's own have no fault, nor have those that are not there", () => {
  expect(findPlaceFaults(places())).toEqual([]);
  expect(
    findPlaceFaults({ stateDir: join(folder, "none"), configFile: join(folder, "none/x.json") }),
  ).toEqual([]);
});

test.each([
  [0o700, undefined],
  [0o500, undefined],
  [0o710, "read"],
  [0o750, "read"],
  [0o705, "read"],
  [0o701, "read"],
  [0o770, "changed"],
  [0o720, "changed"],
  [0o702, "changed"],
  [0o777, "changed"],
  [0o1777, "changed"],
])("a state folder of mode %o", async (mode, how) => {
  await chmod(stateDir, mode);
  const shown = (mode & 0o777).toString(8);
  expect(findPlaceFaults(places())).toEqual(
    how === undefined
      ? []
      : [
          {
            path: stateDir,
            isRefused: how === "changed",
            message: `The state folder ${stateDir} can be ${how} by others (mode ${shown}).`,
            command: `chmod 700 ${stateDir}`,
          },
        ],
  );
  if (how === "changed") expect(() => requirePrivate(places())).toThrow("can be changed by others");
  else expect(() => requirePrivate(places())).not.toThrow();
});

test.each([
  [0o600, undefined],
  [0o400, undefined],
  [0o640, false],
  [0o604, false],
  [0o644, false],
  [0o660, true],
  [0o602, true],
  [0o620, true],
  [0o666, true],
])("a config file of mode %o", async (mode, isRefused) => {
  await chmod(configFile, mode);
  const found = findPlaceFaults(places());
  expect(found.map((fault) => [fault.isRefused, fault.command])).toEqual(
    isRefused === undefined ? [] : [[isRefused, `chmod 600 ${configFile}`]],
  );
});

test("a link is as good as what it leads to, and as the folder in which that lies", async () => {
  const there = join(folder, "elsewhere");
  await mkdir(there);
  await chmod(there, 0o777);
  await writeFile(join(there, "it's mine.json"), "{}");
  await chmod(join(there, "it's mine.json"), 0o666);
  configFile = join(stateDir, "link.json");
  await symlink(join(there, "it's mine.json"), configFile);
  expect(findPlaceFaults(places())).toMatchObject([
    { path: configFile, isRefused: true, command: `chmod 600 ${configFile}` },
    { path: there, isRefused: false, command: `chmod go-w ${there}` },
  ]);
});

test("a folder that is everybody's is fine where nobody can replace another's files", async () => {
  await chmod(folder, 0o1777);
  expect(findPlaceFaults(places())).toEqual([]);
  await chmod(folder, 0o777);
  expect(findPlaceFaults(places())).toMatchObject([{ path: folder, isRefused: false }]);
});

test("what belongs to another user is refused, whoever asks; what is root's is as good as one's own", () => {
  const own = process.geteuid?.() ?? 0;
  const asked = (uid: number): readonly unknown[] =>
    findPlaceFaults(places(), { uid }).map((fault) => [fault.isRefused, fault.command]);
  if (own === 0) {
    expect(asked(1000)).toEqual([]);
    return;
  }
  expect(asked(0)).toEqual([
    [true, `chown -R 0 ${stateDir}`],
    [true, `chown 0 ${configFile}`],
  ]);
  expect(asked(own + 1)).toEqual([
    [true, `sudo chown -R ${own + 1} ${stateDir}`],
    [true, `sudo chown ${own + 1} ${configFile}`],
  ]);
});

test.skipIf(process.geteuid?.() !== 0)(
  "for root, too, what belongs to somebody else is refused",
  async () => {
    const { chownSync } = await import("node:fs");
    chownSync(stateDir, 65_534, 65_534);
    chownSync(configFile, 65_534, 65_534);
    expect(findPlaceFaults(places())).toEqual([
      {
        path: stateDir,
        isRefused: true,
        message: `The state folder ${stateDir} belongs to another user (65534; this is 0).`,
        command: `chown -R 0 ${stateDir}`,
      },
      {
        path: configFile,
        isRefused: true,
        message: `The config file ${configFile} belongs to another user (65534; this is 0).`,
        command: `chown 0 ${configFile}`,
      },
    ]);
    expect(findPlaceFaults(places(), { uid: 65_534 })).toEqual([]);
    expect(findPlaceFaults(places(), { uid: 1000 })).toMatchObject([
      { command: `sudo chown -R 1000 ${stateDir}` },
      { command: `sudo chown 1000 ${configFile}` },
    ]);
  },
);
