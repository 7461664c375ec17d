// Who counts as the owner through the real gateway: by which service, and what becomes of the rest.
import { expect, test } from "vitest";
import { DIALECTS, until, World } from "./world.ts";

const OWNER = "+14155550001";
const SMS = ["--service", "SMS"];
const OWNED = {
  imessage: { dmPolicy: "pairing", allowFrom: [OWNER] },
  config: { commands: { config: true } },
};

test.each(
  DIALECTS.flatMap((dialect) => (["classic", "macos26"] as const).map((style) => ({ dialect, style }))),
)("text messages are not the owner's, with imsg $dialect and guids of $style", async ({ dialect, style }) => {
  await using world = await World.create({ dialect, ...OWNED });
  await world.start();
  const write = async (text: string, ...args: readonly string[]): Promise<string | undefined> => {
    const guid = await world.receive(OWNER, text, "--guid-style", style, ...args);
    const { kind, code } = await world.decided(guid);
    return code ?? kind;
  };
  expect(await write("/config get channels.imessage.dmPolicy", ...SMS)).toBe("owner.not-imessage");
  expect(await write("/pairing list", ...SMS)).toBe("owner.not-imessage");
  expect(await write("hello", ...SMS)).toBe("turn");
  await until(
    () => world.sent().some(({ text }) => text === "You said: hello"),
    () => `${JSON.stringify(world.sent())}${world.lastLog()}`,
  );
  const told = world.sent().filter(({ text }) => text.includes("commands.allowSms"));
  expect(told.map(({ chat }) => chat)).toEqual([OWNER]);
});

test("commands.allowSms takes them, and iMessage needs no leave", async () => {
  await using world = await World.create(OWNED);
  await world.start();
  const ask = async (...args: readonly string[]): Promise<string | undefined> => {
    const guid = await world.receive(OWNER, "/config get channels.imessage.dmPolicy", ...args);
    const { kind, code } = await world.decided(guid);
    return code ?? kind;
  };
  expect(await ask("--guid-style", "macos26")).toBe("command");
  expect(await ask(...SMS)).toBe("owner.not-imessage");
  await world.reconfigure({ ...OWNED, config: { commands: { config: true, allowSms: true } } });
  expect(await ask(...SMS)).toBe("command");
});

test("policy test says what a service makes of a message", async () => {
  await using world = await World.create(OWNED);
  const answer = async (...args: readonly string[]): Promise<string> =>
    (await world.coderclaw("policy", "test", "--from", OWNER, "--text", "/config show", ...args)).stdout;
  expect(await answer()).toContain("/config is a command of an owner");
  expect(await answer("--service", "sms")).toContain("owner.not-imessage");
});

test("in a group, config and pairings are answered to the owner alone", async () => {
  const FRIEND = "+14155550002";
  await using world = await World.create({
    imessage: { dmPolicy: "pairing", allowFrom: [OWNER], groupPolicy: "open" },
    config: { commands: { config: true } },
  });
  const group = await world.mac.makeGroup("Family", [OWNER, FRIEND]);
  await world.start();
  await world.receive("+14155550003", "let me in");
  await world.mac.nthSent(OWNER, 1);
  await world.writeIn(group, OWNER, "/config get channels.imessage.dmPolicy");
  expect(await world.mac.nthSent(OWNER, 2)).toContain("pairing");
  await world.writeIn(group, OWNER, "/pairing list");
  expect(await world.mac.nthSent(OWNER, 3)).toContain("+14155550003");
  await world.writeIn(group, OWNER, "/whoami");
  expect(await world.mac.nthSent(group.chatId, 1)).toContain("owner");
  expect(world.sentTo(group.chatId)).toHaveLength(1);
});

test("whom the owner admits from chat is no owner, and the owner reads whose memory they share", async () => {
  const FRIEND = "+14155550002";
  await using world = await World.create(OWNED);
  await world.start();
  await world.receive(FRIEND, "let me in");
  const code = /approve ([A-Z2-9]{8})/.exec(await world.mac.nthSent(OWNER, 1))?.[1] ?? "";
  await world.receive(OWNER, `/pairing approve ${code}`);
  expect(await world.mac.nthSent(OWNER, 2)).toContain("They share one memory of agent main with you");
  await world.receive(OWNER, `/config set channels.imessage.allowFrom[1] ${FRIEND}`);
  expect(await world.mac.nthSent(OWNER, 3)).toContain(`commands.ownerAllowFrom is now ${OWNER}`);
  await until(
    () => world.lastLog().includes("config taken over"),
    () => world.lastLog(),
  );
  const { code: refusal } = await world.decided(await world.receive(FRIEND, "/config show"));
  expect(refusal).toBe("command.not-owner");
});
