// Nobody is let in who should not be, and every refusal can be explained (field failures 16 to 18, 26, direct chats).
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";

/** Waits until the gateway has decided about a message, and gives what `explain` says. */
async function explained(world: World, guid: string): Promise<string> {
  return until(
    async () => {
      const said = await world.coderclaw("explain", guid);
      return said.code === 0 && /^(Not answered|Answered|Held)/m.test(said.stdout) && said.stdout;
    },
    () => world.lastLog(),
  );
}

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("16, 18: no pairing code goes into a group or a thread of several people, and each says why", async () => {
    await using world = await World.create({ dialect, imessage: { dmPolicy: "pairing", allowFrom: [] } });
    await world.start();
    const group = await world.receive(ANNA, "hi all", "--group", "Trip", "--participants", `${ANNA},${BEN}`);
    const thread = await world.receive(
      ANNA,
      "hi both",
      "--group",
      "Duo",
      "--participants",
      `${ANNA},${BEN}`,
      "--groupish",
    );
    expect(await explained(world, group)).toContain("group.sender-not-allowed");
    expect(await explained(world, thread)).toContain("groupish.unconfigured");
    await world.receive(BEN, "hello");
    await until(
      () => world.sentTo(BEN).length === 1,
      () => world.lastLog(),
    );
    expect(world.sent().map((row) => row.chat)).toEqual([BEN]);
  });

  test("a fourth stranger gets no answer while three wait, and the owner can see it", async () => {
    await using world = await World.create({ dialect, imessage: { dmPolicy: "pairing", allowFrom: [] } });
    await world.start();
    const strangers = [1, 2, 3].map((at) => `+1415555010${at}`);
    for (const stranger of strangers) {
      await world.receive(stranger, "hello");
      await until(
        () => world.sentTo(stranger).length === 1,
        () => world.lastLog(),
      );
    }
    const guid = await world.receive("+14155550104", "me too");
    expect(await explained(world, guid)).toContain("pairing.full");
    expect(world.sentTo("+14155550104")).toEqual([]);
    const listed = await world.coderclaw("pairing", "list", "imessage");
    for (const stranger of strangers) expect(listed.stdout).toContain(stranger);
    const status = await world.coderclaw("channels", "status");
    expect(status.stdout).toContain("+14155550104");
  });

  test("a denied stranger hears nothing more, and what was held is not answered", async () => {
    await using world = await World.create({ dialect, imessage: { dmPolicy: "pairing", allowFrom: [] } });
    await world.start();
    await world.receive(ANNA, "hello");
    const [reply] = await until(() => world.sentTo(ANNA).length > 0 && world.sentTo(ANNA));
    const code = /imessage ([A-Z2-9]{8})/.exec(reply ?? "")?.[1] ?? "";
    expect((await world.coderclaw("pairing", "deny", "imessage", code)).code).toBe(0);
    const unknown = await world.coderclaw("pairing", "approve", "imessage", code);
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining(`No pending pairing request found for code: ${code}`),
    ]);
    const guid = await world.receive(ANNA, "please");
    expect(await explained(world, guid)).toContain("pairing.denied");
    expect(world.sentTo(ANNA)).toHaveLength(1);
    expect((await world.coderclaw("pairing", "list", "imessage")).stdout).toContain(
      "No pending imessage pairing requests.",
    );
  });

  test("26: senders without a phone number are themselves and nobody else", async () => {
    await using world = await World.create({
      dialect,
      imessage: { dmPolicy: "allowlist", allowFrom: ["Amazon", "22000"] },
    });
    await world.start();
    const refused = await world.receive("AMZN", "your parcel");
    const alsoRefused = await world.receive("22001", "your code");
    await world.receive("AMAZON", "your order");
    await world.receive("22000", "your code");
    await world.expectSent("AMAZON", ["You said: your order"]);
    await world.expectSent("22000", ["You said: your code"]);
    for (const guid of [refused, alsoRefused])
      expect(await explained(world, guid)).toContain("dm.not-allowed");
    expect(world.sent()).toHaveLength(2);
  });

  test("reactions are events: nothing answers them", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    const guid = await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
    await world.sim("react", "--message", guid, "--from", ANNA, "--reaction", "love");
    await world.receive(ANNA, "bye");
    await world.expectSent(ANNA, ["You said: hello", "You said: bye"]);
  });
});

test("a revoked pairing lets nobody in any more", async () => {
  await using world = await World.create({ imessage: { dmPolicy: "pairing", allowFrom: [] } });
  await world.start();
  await world.receive(ANNA, "hello");
  const [reply] = await until(() => world.sentTo(ANNA).length > 0 && world.sentTo(ANNA));
  const code = /imessage ([A-Z2-9]{8})/.exec(reply ?? "")?.[1] ?? "";
  await world.coderclaw("pairing", "approve", "imessage", code);
  await until(
    () => world.sentTo(ANNA).length === 3,
    () => world.lastLog(),
  );
  expect((await world.coderclaw("pairing", "revoke", "imessage", "(415) 555-0001")).code).toBe(0);
  const guid = await world.receive(ANNA, "still me");
  expect(await explained(world, guid)).toContain("pairing.code-sent");
});
