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
