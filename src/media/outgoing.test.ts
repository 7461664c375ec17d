import { execFileSync } from "node:child_process";
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MediaFolder } from "./folder.ts";
import { OutgoingFiles } from "./outgoing.ts";
import { WebFiles } from "./outgoing-web.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex");
const signal = new AbortController().signal;

let dir: string;
let workspace: string;
let media: string;
let files: OutgoingFiles;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "outgoing-"));
  workspace = join(dir, "work");
  media = join(dir, "state/media");
  await mkdir(workspace, { recursive: true });
  await mkdir(media, { recursive: true });
  files = new OutgoingFiles(new MediaFolder(media), new WebFiles());
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

async function take(
  source: string,
  changes: { roots?: readonly string[]; maxBytes?: number; isByHand?: true } = {},
) {
  return files.take(source, { roots: [workspace, media], maxBytes: 1000, signal, ...changes });
}

async function refusal(source: string, changes: Parameters<typeof take>[1] = {}) {
  const before = await readdir(media);
  const error = await take(source, changes).catch((cause: unknown) => cause);
  expect(await readdir(media)).toEqual(before);
  return (error as { code?: string }).code;
}

describe("a file of the workspace", () => {
  test("is copied into the media folder under the hash of what is in it, and told by that", async () => {
    await writeFile(join(workspace, "chart"), PNG);
    const file = await take("chart");
    expect(file).toMatchObject({ name: "chart.png", mimeType: "image/png", bytes: PNG.length });
    expect(file.path.startsWith(media)).toBe(true);
    await writeFile(join(workspace, "chart"), "changed since");
    expect(await readFile(file.path)).toEqual(PNG);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect(await readdir(media)).toHaveLength(1);
  });

  test("by its absolute path, in a folder, through a link that stays inside, with an odd name", async () => {
    await mkdir(join(workspace, "out"));
    const name = "--a 'b' & \"c\" 🐊.txt";
    await writeFile(join(workspace, "out", name), "hello");
    await symlink(join("out", name), join(workspace, "link"));
    expect((await take(join(workspace, "out", name))).name).toBe(name);
    expect((await take(`out/${name}`)).mimeType).toBe("text/plain");
    expect((await take("link")).name).toBe("link.txt");
    expect(await readdir(media)).toHaveLength(1);
  });

  test("also one of the media folder, and of a workspace that is a link itself", async () => {
    await writeFile(join(media, "in.txt"), "came with a message");
    expect((await take(join(media, "in.txt"))).bytes).toBe(19);
    await symlink(workspace, join(dir, "alias"));
    await writeFile(join(workspace, "a.txt"), "a");
    expect((await take("a.txt", { roots: [join(dir, "alias")] })).name).toBe("a.txt");
  });
});

describe("refused is", () => {
  test("what is outside, however it is named", async () => {
    await writeFile(join(dir, "secret.txt"), "secret");
    await symlink(join(dir, "secret.txt"), join(workspace, "link.txt"));
    await symlink(dir, join(workspace, "up"));
    await mkdir(join(dir, "work-too"));
    await writeFile(join(dir, "work-too/a.txt"), "a");
    for (const source of [
      "../secret.txt",
      join(dir, "secret.txt"),
      "link.txt",
      "up/secret.txt",
      "../work-too/a.txt",
    ])
      expect(await refusal(source)).toBe("media/outside");
    expect(await refusal("../missing.txt")).toBe("media/missing");
  });

  test("what is no plain file, without being opened", async () => {
    execFileSync("mkfifo", [join(workspace, "pipe")]);
    await mkdir(join(workspace, "folder"));
    expect(await refusal("pipe")).toBe("media/not-a-file");
    expect(await refusal("folder")).toBe("media/not-a-file");
    expect(await refusal("/dev/zero", { roots: ["/"] })).toBe("media/not-a-file");
    await writeFile(join(workspace, "empty"), "");
    expect(await refusal("empty")).toBe("media/not-a-file");
    expect(await refusal(".")).toBe("media/outside");
  });

  test("what is too large, also a file with nothing in it", async () => {
    await writeFile(join(workspace, "exact"), Buffer.alloc(1000, 1));
    expect((await take("exact")).bytes).toBe(1000);
    await writeFile(join(workspace, "more"), Buffer.alloc(1001, 1));
    expect(await refusal("more")).toBe("media/too-large");
    await writeFile(join(workspace, "sparse"), "");
    await truncate(join(workspace, "sparse"), 2 ** 40);
    expect(await refusal("sparse")).toBe("media/too-large");
  });

  test("the state folder, where the workspace or the person's root is around it", async () => {
    await writeFile(join(dir, "state/gateway.token"), "token");
    expect(await refusal(join(dir, "state/gateway.token"), { roots: [dir] })).toBe("media/outside");
    expect(await refusal(join(dir, "state/gateway.token"), { roots: ["/"] })).toBe("media/outside");
    await mkdir(join(dir, "state/workspace"));
    await writeFile(join(dir, "state/workspace/a.txt"), "a");
    expect((await take("a.txt", { roots: [join(dir, "state/workspace"), media] })).name).toBe("a.txt");
  });

  test("a second name of a file that lies anywhere, unless a person names it", async () => {
    await writeFile(join(dir, "state/gateway.token"), "token");
    await link(join(dir, "state/gateway.token"), join(workspace, "notes.txt"));
    expect(await refusal("notes.txt")).toBe("media/outside");
    await link(join(workspace, "notes.txt"), join(media, "notes.txt"));
    expect(await refusal(join(media, "notes.txt"))).toBe("media/outside");
    await expect(take("notes.txt")).rejects.toThrow("notes.txt has another name elsewhere (a hard link)");
    await writeFile(join(workspace, "mine.txt"), "mine");
    await link(join(workspace, "mine.txt"), join(workspace, "too.txt"));
    expect((await take("too.txt", { isByHand: true })).name).toBe("too.txt");
  });

  test("what another conversation was sent, however it is named", async () => {
    const [here, there] = [join(media, "c1"), join(media, "c2")];
    for (const folder of [here, there]) {
      await mkdir(folder);
      await writeFile(join(folder, "a.txt"), folder);
    }
    await symlink(join(there, "a.txt"), join(here, "link.txt"));
    await symlink(there, join(workspace, "there"));
    const roots = [workspace, here];
    expect((await take(join(here, "a.txt"), { roots })).mimeType).toBe("text/plain");
    for (const source of [
      join(there, "a.txt"),
      join(here, "../c2/a.txt"),
      join(here, "link.txt"),
      "there/a.txt",
      join(media, "other.txt"),
    ]) {
      await writeFile(join(media, "other.txt"), "of the gateway");
      expect(await refusal(source, { roots })).toBe("media/outside");
    }
  });

  test("a file that vanishes, or is another one, while it is looked at; nothing stays open", async () => {
    const opened = async (): Promise<number> => (await readdir("/dev/fd")).length;
    const before = await opened();
    const over = new AbortController();
    const vanishing = (async () => {
      for (let round = 0; !over.signal.aborted; round += 1) {
        await writeFile(join(workspace, "new.txt"), `${round}`);
        await rename(join(workspace, "new.txt"), join(workspace, "gone.txt"));
        await rm(join(workspace, "gone.txt"));
      }
    })();
    const codes = new Set<string | undefined>();
    for (let round = 0; round < 300; round += 1)
      codes.add(
        await take("gone.txt").then(
          () => "taken",
          (cause: { code?: string }) => cause.code,
        ),
      );
    over.abort();
    await vanishing;
    expect(
      [...codes].filter(
        (code) => !["taken", "media/missing", "media/outside", "media/not-a-file"].includes(code ?? ""),
      ),
    ).toEqual([]);
    expect(await opened()).toBeLessThanOrEqual(before + 2);
  });

  test("a file whose folder is swapped for a link again and again: never the other one's content", async () => {
    await mkdir(join(workspace, "real"));
    await mkdir(join(dir, "other"));
    await writeFile(join(workspace, "real/a.txt"), "mine");
    await writeFile(join(dir, "other/a.txt"), "secret");
    await symlink(join(dir, "other"), join(workspace, "evil"));
    await rename(join(workspace, "real"), join(workspace, "shown"));
    const over = new AbortController();
    const swapping = (async () => {
      while (!over.signal.aborted) {
        await rename(join(workspace, "shown"), join(workspace, "kept"));
        await rename(join(workspace, "evil"), join(workspace, "shown"));
        await rename(join(workspace, "shown"), join(workspace, "evil"));
        await rename(join(workspace, "kept"), join(workspace, "shown"));
      }
    })();
    for (let round = 0; round < 150; round += 1) {
      const file = await take("shown/a.txt").catch(() => undefined);
      if (file) expect(await readFile(file.path, "utf8")).toBe("mine");
    }
    over.abort();
    await swapping;
  });
});
