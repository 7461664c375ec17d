// The Mac is elsewhere: the same gateway over a real SSH server, by a wrapper script and by ssh://: texts, files, kills.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Recorder } from "./recorder.ts";
import { createRemote, expectEachOnce, KINDS } from "./remote-world.ts";
import { hasSshServer } from "./ssh-server.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";

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
