// The SSH server is away for a whole minute: no message is lost, none is answered twice, and the gateway is back by itself.
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRemote, KINDS } from "./remote-world.ts";
import { hasSshServer } from "./ssh-server.ts";
import { until } from "./world.ts";

const ANNA = "+14155550001";

test.skipIf(!hasSshServer()).concurrent.each(KINDS)(
  "a minute without the server, by %s",
  async (kind) => {
    await using remote = await createRemote(kind);
    const { world, mac, server } = remote;
    await world.start();
    await mac.write(ANNA, "before");
    await mac.expectSent(ANNA, ["You said: before"]);
    await server.stop();
    const away = ["away-0", "away-1", "away-2"];
    for (const text of away) {
      await mac.write(ANNA, text);
      // The time without a server is the matter of this test.
      await delay(20_000);
    }
    const watches = (): number => world.lastLog().split("] watching,").length;
    const before = watches();
    await server.startAgain();
    // A few seconds where nothing else runs; how many is not asserted where the machine is shared.
    await until(
      () => watches() > before,
      () => world.lastLog(),
    );
    await mac.write(ANNA, "after");
    const words = (): string[] => mac.sentTo(ANNA).flatMap((said) => said.split(/[\s:]+/));
    await until(
      () => [...away, "after"].every((text) => words().includes(text)),
      () => `${JSON.stringify(mac.sentTo(ANNA))}\n${world.lastLog()}`,
    );
    const all = ["before", ...away, "after"];
    expect(all.map((text) => words().filter((word) => word === text).length)).toEqual(all.map(() => 1));
  },
  180_000,
);
