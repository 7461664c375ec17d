// The Mac is elsewhere, by a wrapper script and by ssh://: groups, pairing, and a line that is slow.
import { randomBytes } from "node:crypto";
import { appendFile, chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Mac } from "./mac.ts";
import { Recorder } from "./recorder.ts";
import { SlowLine, type Slowness } from "./slow-line.ts";
import { hasSshServer, SshServer } from "./ssh-server.ts";
import { until, World } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";
const KINDS = ["ssh://", "wrapper"] as const;
/** A telephone's line on a bad day. */
const SLOW = { delayMs: 150, bytesPerSecond: 40_000 };

interface Remote extends AsyncDisposable {
  readonly world: World;
  readonly mac: Mac;
  /** The account's keys; a test adds its own. */
  readonly imessage: Readonly<Record<string, unknown>>;
}

async function createRemote(kind: (typeof KINDS)[number], slowness?: Slowness): Promise<Remote> {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await World.create());
  const mac = await world.addMac("there");
  const home = join(world.dir, "there");
  const server = await SshServer.start(join(world.dir, "sshd"), { home, bin: join(world.dir, "bin") });
  stack.defer(async () => server.stop());
  await server.installThere("imsg", mac.cli);
  let port = server.port;
  if (slowness !== undefined) {
    port = stack.use(await SlowLine.to(port, slowness)).port;
    const known = join(world.dir, "sshd/known");
    const [, key] = (await readFile(known, "utf8")).split(/ (.*)/su);
    await appendFile(known, `[127.0.0.1]:${port} ${key}`);
  }
  const wrapper = join(world.dir, "wrapper");
  await writeFile(wrapper, `#!/usr/bin/env bash\nexec ssh -T -p ${port} ${server.destination} imsg "$@"\n`);
  await chmod(wrapper, 0o755);
  const cliPath = kind === "wrapper" ? wrapper : `ssh://${server.destination}:${port}${home}/bin/imsg`;
  // `~` is the home there; here it is another folder, without a database.
  const imessage = { cliPath, dbPath: "~/mac/chat.db", probeTimeoutMs: 10_000 };
  await world.configure({ imessage });
  return { world, mac, imessage, [Symbol.asyncDispose]: async () => stack.disposeAsync() };
}

describe.skipIf(!hasSshServer()).each(KINDS)("by %s", (kind) => {
  test("a group is answered in the group, and what was said there before is known", async () => {
    await using remote = await createRemote(kind);
    const { world, mac, imessage } = remote;
    const group = await mac.makeGroup("Trip", [ANNA, BEN]);
    const recorder = new Recorder(world);
    await world.configure({
      imessage: { ...imessage, groupPolicy: "open", groups: { [group.chatId]: {} } },
      config: {
        agents: { defaults: { runtime: recorder.runtime } },
        messages: { groupChat: { mentionPatterns: ["bot"] } },
      },
    });
    await world.start();
    await mac.writeIn(group, BEN, "we meet at nine");
    await mac.writeIn(group, ANNA, "bot, when?");
    await mac.expectSent(group.chatId, ["noted"]);
    expect((await recorder.nth(1)).prompt).toContain("we meet at nine");
    expect(mac.sent()).toHaveLength(1);
  });

  test("a stranger gets a code, and is answered once it is approved", async () => {
    await using remote = await createRemote(kind);
    const { world, mac, imessage } = remote;
    await world.configure({ imessage: { ...imessage, dmPolicy: "pairing", allowFrom: [] } });
    await world.start();
    await mac.write(ANNA, "hello?");
    const code = /imessage ([A-Z2-9]{8})/.exec(await mac.nthSent(ANNA, 1))?.[1] ?? "";
    const approved = await world.coderclaw("pairing", "approve", "imessage", code);
    expect(approved.code).toBe(0);
    await mac.write(ANNA, "hello again");
    await until(
      () => mac.sentTo(ANNA).some((text) => text.includes("hello again")),
      () => world.lastLog(),
    );
  });

  test("a slow line: each text is answered once, also while a large file is on its way", async () => {
    await using remote = await createRemote(kind, SLOW);
    const { world, mac, imessage } = remote;
    const roots = [join(world.dir, "there/mac/Attachments")];
    await world.configure({
      imessage: {
        ...imessage,
        includeAttachments: true,
        remoteAttachmentRoots: roots,
        attachmentRoots: roots,
      },
    });
    await world.start();
    const large = join(world.dir, "large.bin");
    await writeFile(large, randomBytes(400_000));
    await mac.write(ANNA, "a-file", "--attachment", large);
    const texts = Array.from({ length: 8 }, (_, index) => `text-${index}`);
    for (const text of texts) await mac.write(BEN, text);
    const countOf = (from: string, word: string): number =>
      mac.sentTo(from).filter((said) => said.split(/[\s:]+/).includes(word)).length;
    await until(
      () => texts.every((text) => countOf(BEN, text) > 0),
      () => world.lastLog(),
      45_000,
    );
    // Ten seconds of line; nobody waited for it.
    expect(countOf(ANNA, "a-file")).toBe(0);
    await until(
      () => countOf(ANNA, "a-file") > 0,
      () => world.lastLog(),
      45_000,
    );
    await mac.write(BEN, "last-word");
    await until(
      () => countOf(BEN, "last-word") > 0,
      () => world.lastLog(),
    );
    expect(texts.map((text) => countOf(BEN, text))).toEqual(texts.map(() => 1));
    expect(countOf(ANNA, "a-file")).toBe(1);
  });
});
