// The Mac is elsewhere: the same gateway over a real SSH server, by a wrapper script and by ssh://, with the connection treated badly.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Mac } from "./mac.ts";
import { Recorder } from "./recorder.ts";
import { hasSshServer, SshServer } from "./ssh-server.ts";
import { until, World } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";
const KINDS = ["ssh://", "wrapper"] as const;

/** A world whose account is on another machine. */
interface Remote extends AsyncDisposable {
  readonly world: World;
  readonly mac: Mac;
  readonly server: SshServer;
  /** The account's keys; a test adds its own. */
  readonly imessage: Readonly<Record<string, unknown>>;
}

async function createRemote(kind: (typeof KINDS)[number]): Promise<Remote> {
  const world = await World.create();
  const mac = await world.addMac("there");
  const home = join(world.dir, "there");
  const server = await SshServer.start(join(world.dir, "sshd"), { home, bin: join(world.dir, "bin") });
  await server.installThere("imsg", mac.cli);
  const program =
    kind === "ssh://"
      ? server.url(`${home}/bin/imsg`)
      : await server.writeWrapper(join(world.dir, "wrapper"));
  // `~` is the home there; here it is another folder, without a database.
  const imessage = { cliPath: program, dbPath: "~/mac/chat.db", probeTimeoutMs: 5000 };
  await world.configure({ imessage });
  const dispose = async (): Promise<void> => {
    await server.stop();
    await world[Symbol.asyncDispose]();
  };
  return { world, mac, server, imessage, [Symbol.asyncDispose]: dispose };
}

/** Waits until each of these texts stands in exactly one answer to the sender, and in no second one after one more message. */
async function expectEachOnce({ world, mac }: Remote, from: string, texts: readonly string[]): Promise<void> {
  const countOf = (text: string): number =>
    mac.sentTo(from).filter((said) => said.split(/[\s:]+/).includes(text)).length;
  await until(
    () => texts.every((text) => countOf(text) > 0),
    () => `${texts.filter((text) => countOf(text) === 0).join(", ")} not answered\n${world.lastLog()}`,
    100_000,
  );
  await mac.write(from, "last-word");
  await until(
    () => countOf("last-word") > 0,
    () => world.lastLog(),
    100_000,
  );
  expect(texts.filter((text) => countOf(text) !== 1)).toEqual([]);
}

describe.skipIf(!hasSshServer()).each(KINDS)("by %s", (kind) => {
  test("texts are answered, and what came while the gateway was down", async () => {
    await using remote = await createRemote(kind);
    const { world, mac } = remote;
    const first = await world.start();
    await mac.write(ANNA, "hello over there");
    await mac.expectSent(ANNA, ["You said: hello over there"]);
    await first.kill();
    await mac.write(BEN, "missed");
    await world.start();
    await mac.expectSent(BEN, ["You said: missed"]);
    expect(world.sent()).toEqual([]);
  });

  test("every check of the probe is well, and says where it looked", async () => {
    await using remote = await createRemote(kind);
    await remote.world.configure({ imessage: { ...remote.imessage, includeAttachments: true } });
    const probed = await remote.world.coderclaw("channels", "status", "--probe");
    expect(probed.stdout).toContain("127.0.0.1");
    expect(probed.stdout).not.toMatch(/\bFAILED\b|✗/);
    expect(probed.code).toBe(0);
  });

  test("connections that are cut while messages flow: each is answered once", async () => {
    await using remote = await createRemote(kind);
    const { world, mac, server } = remote;
    await world.start();
    const texts: string[] = [];
    for (let index = 0; index < 12; index++) {
      texts.push(`text-${index}`);
      await mac.write(ANNA, `text-${index}`);
      // Between two cuts there is a connection again.
      if (index % 4 === 1) await until(() => server.cut() > 0);
    }
    await expectEachOnce(remote, ANNA, texts);
  });

  test("a server that is away for a while, and comes back with another key", async () => {
    await using remote = await createRemote(kind);
    const { world, mac, server } = remote;
    await world.start();
    await mac.write(ANNA, "before");
    await mac.expectSent(ANNA, ["You said: before"]);
    const troubles = (): number => world.lastLog().split("not watching").length;
    const before = troubles();
    await server.stop();
    await mac.write(ANNA, "away");
    await until(
      () => troubles() > before,
      () => world.lastLog(),
    );
    await server.startAgain();
    await expectEachOnce(remote, ANNA, ["before", "away"]);
    await server.stop();
    await server.newHostKey();
    await server.startAgain();
    await mac.write(ANNA, "distrusted");
    const probed = await until(async () => {
      const { stdout } = await world.coderclaw("channels", "status", "--probe");
      return /key/i.test(stdout) && stdout;
    });
    expect(probed).toMatch(/host key/i);
    await server.trust();
    await expectEachOnce(remote, ANNA, ["distrusted"]);
  });

  test("a machine that stands still for a while", async () => {
    await using remote = await createRemote(kind);
    const { world, mac, server } = remote;
    await world.start();
    await mac.write(ANNA, "one");
    await mac.expectSent(ANNA, ["You said: one"]);
    server.freeze();
    await mac.write(ANNA, "two");
    await mac.write(BEN, "three");
    // The time it stands still is the matter of this test.
    await delay(4000);
    server.thaw();
    await expectEachOnce(remote, ANNA, ["one", "two"]);
    await expectEachOnce(remote, BEN, ["three"]);
  });

  test.each(["rows.accepted", "agent.answered", "part.claimed", "send.answered"])(
    "killed at %s",
    async (step) => {
      await using remote = await createRemote(kind);
      const { world, mac } = remote;
      const first = world.launchKilling();
      await world.watching();
      await first.kill("SIGTERM");
      const doomed = world.launchKilling({ step });
      await world.watching();
      await mac.write(ANNA, "hello");
      expect((await doomed.ended).signal).toBe("SIGKILL");
      world.launchKilling();
      await expectEachOnce(remote, ANNA, ["hello"]);
    },
  );

  test("files come from there, whatever their names, and go there", async () => {
    await using remote = await createRemote(kind);
    const { world, mac, imessage } = remote;
    const recorder = new Recorder(world);
    const roots = [join(world.dir, "there/mac/Attachments")];
    const media = { includeAttachments: true, remoteAttachmentRoots: roots, attachmentRoots: roots };
    await world.configure({
      imessage: { ...imessage, ...media },
      config: { agents: { defaults: { runtime: recorder.runtime } } },
    });
    await world.start();
    const name = `a 'b' "c" & $(id) ; é 😀 #1.txt`;
    const source = join(world.dir, name);
    await writeFile(source, "from far away");
    await mac.write(ANNA, "see", "--attachment", source);
    const turn = await recorder.nth(1);
    expect(turn.prompt).toContain("[Attached file");
    expect(turn.prompt).not.toContain("missing");
    const sent = await world.coderclaw(
      "message",
      "send",
      "--target",
      ANNA,
      "--file",
      source,
      "--text",
      "back",
    );
    expect(sent.stderr).toBe("");
    expect(sent.code).toBe(0);
    const [row] = mac.rows<{ name: string; bytes: number }>(
      `SELECT transfer_name AS name, total_bytes AS bytes FROM attachment
         JOIN message_attachment_join j ON j.attachment_id = attachment.ROWID
         JOIN message m ON m.ROWID = j.message_id WHERE m.is_from_me = 1`,
    );
    expect(row).toMatchObject({ bytes: "from far away".length });
  });
});
