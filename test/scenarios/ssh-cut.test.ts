// The connection to a Mac elsewhere is treated badly: cut, away, distrusted, frozen; each message is answered once.
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createRemote, expectEachOnce, KINDS } from "./remote-world.ts";
import { hasSshServer } from "./ssh-server.ts";
import { until } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";

describe.skipIf(!hasSshServer()).each(KINDS)("by %s", (kind) => {
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
  }, 150_000);

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
});
