// `policy test` foretells what is done: the same outcome, code and gates as the message that is then really written.
import { describe, expect, test } from "vitest";
import { until, World, type Group } from "./world.ts";

const OWNER = "+14155550001";
const FRIEND = "+14155550002";
const STRANGER = "+14155550003";

/** A message of a sample; `group` names one of the world's groups. */
interface Sample {
  readonly from: string;
  readonly text: string;
  readonly group?: "In" | "Out";
  readonly outcome: string;
}

interface Case {
  readonly name: string;
  readonly imessage: (groups: Readonly<Record<"In" | "Out", Group>>) => Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  readonly samples: readonly Sample[];
}

const MENTION = { messages: { groupChat: { mentionPatterns: ["bot"] } } };

const CASES: readonly Case[] = [
  {
    name: "pairing, groups by allowlist and registry, mentions",
    imessage: ({ In }) => ({
      dmPolicy: "pairing",
      allowFrom: [OWNER],
      groupAllowFrom: [FRIEND],
      groups: { [In.chatId]: {} },
    }),
    config: MENTION,
    samples: [
      { from: OWNER, text: "hi", outcome: "turn" },
      { from: STRANGER, text: "hi", outcome: "pairing.code-sent" },
      { from: STRANGER, text: "hello?", outcome: "pairing.code-pending" },
      { from: OWNER, text: "/agent", outcome: "command" },
      { from: FRIEND, text: "bot, hi", group: "In", outcome: "turn" },
      { from: FRIEND, text: "hi", group: "In", outcome: "group.not-mentioned" },
      { from: FRIEND, text: "/whoami", group: "In", outcome: "command" },
      { from: FRIEND, text: "/agent", group: "In", outcome: "command.not-owner" },
      { from: FRIEND, text: "bot, hi", group: "Out", outcome: "group.not-registered" },
      { from: STRANGER, text: "bot, hi", group: "In", outcome: "group.sender-not-allowed" },
    ],
  },
  {
    name: "allowlist, open groups, one entry off",
    imessage: ({ In, Out }) => ({
      dmPolicy: "allowlist",
      allowFrom: [OWNER],
      groupPolicy: "open",
      groups: {
        [In.chatId]: { requireMention: false, allowFrom: [FRIEND] },
        [`guid:${Out.guid}`]: { enabled: false },
      },
    }),
    config: MENTION,
    samples: [
      { from: STRANGER, text: "hi", outcome: "dm.not-allowed" },
      { from: FRIEND, text: "hi", group: "In", outcome: "turn" },
      { from: STRANGER, text: "bot", group: "In", outcome: "group.sender-not-allowed" },
      { from: OWNER, text: "bot", group: "Out", outcome: "group.entry-disabled" },
    ],
  },
  {
    name: "everything open, commands for those who are listed, answers to some",
    imessage: ({ In }) => ({
      dmPolicy: "open",
      allowFrom: ["*"],
      groupPolicy: "open",
      groupAllowFrom: [OWNER],
      allowTo: [OWNER, FRIEND, `chat_id:${In.chatId}`],
    }),
    config: { ...MENTION, commands: { ownerAllowFrom: [OWNER] } },
    samples: [
      { from: FRIEND, text: "hi", outcome: "turn" },
      { from: FRIEND, text: "/config show", outcome: "command.not-owner" },
      { from: FRIEND, text: "/nothing", outcome: "turn" },
      { from: STRANGER, text: "hi", outcome: "reply.not-allowed" },
      { from: STRANGER, text: "bot, hi", group: "In", outcome: "turn" },
      { from: OWNER, text: "bot, hi", group: "Out", outcome: "reply.not-allowed" },
    ],
  },
  {
    name: "all disabled",
    imessage: () => ({ dmPolicy: "disabled", groupPolicy: "disabled" }),
    samples: [
      { from: OWNER, text: "/status", outcome: "dm.disabled" },
      { from: OWNER, text: "bot, hi", group: "In", outcome: "group.disabled" },
    ],
  },
];

interface Decided {
  readonly outcome: { readonly kind: string; readonly code?: string; readonly sessionKey?: string };
  readonly gates: readonly { readonly name: string; readonly passed: boolean }[];
}

/** What both must say alike. */
function essence({ outcome, gates }: Decided) {
  const { kind, code, sessionKey } = outcome;
  return { kind, code, sessionKey, gates: gates.map(({ name, passed }) => `${name}: ${passed}`) };
}

/** What became of a message, as `explain --json` tells it; undefined while it is not decided. */
async function explained(world: World, guid: string): Promise<Decided | undefined> {
  const { code, stdout } = await world.coderclaw("explain", guid, "--json");
  if (code !== 0) return undefined;
  const told = JSON.parse(stdout) as { messages: { story: { decisions: Decided[] } }[] };
  return told.messages[0]?.story.decisions[0];
}

describe.each(CASES)("$name", ({ imessage, config, samples }) => {
  test("is told beforehand as it is done, gate by gate", async () => {
    await using world = await World.create();
    const members = [OWNER, FRIEND, STRANGER];
    const groups = {
      In: await world.mac.makeGroup("In", members),
      Out: await world.mac.makeGroup("Out", members),
    };
    await world.configure({ imessage: imessage(groups), config: config ?? {} });
    await world.start();
    // A chat is known by all its names once somebody has written there.
    for (const group of Object.values(groups))
      await world.decided((await world.writeIn(group, STRANGER, "first")).guid);
    for (const { from, text, group, outcome } of samples) {
      const chat = group === undefined ? undefined : groups[group];
      const where = chat === undefined ? [] : ["--group", String(chat.chatId)];
      const before = world.sent().length;
      const asked = await world.coderclaw(
        "policy",
        "test",
        "--from",
        from,
        "--text",
        text,
        ...where,
        "--json",
      );
      expect([asked.code, asked.stderr]).toEqual([0, ""]);
      const foretold = JSON.parse(asked.stdout) as Decided;
      // Asking does nothing.
      expect(world.sent()).toHaveLength(before);
      const { guid } = await (chat === undefined
        ? world.mac.write(from, text)
        : world.writeIn(chat, from, text));
      const done = await until(
        async () => explained(world, guid),
        () => world.lastLog(),
      );
      expect([text, done.outcome.code ?? done.outcome.kind]).toEqual([text, outcome]);
      expect(essence(foretold)).toEqual(essence(done));
    }
  });
});

test("what policy test says, a person can read: each gate with what it saw, the end of it, and the remedy", async () => {
  await using world = await World.create({ imessage: { dmPolicy: "allowlist", allowFrom: [OWNER] } });
  const asked = await world.coderclaw("policy", "test", "--from", "(415) 555-0003", "--text", "hi");
  expect(asked.code).toBe(0);
  for (const word of ["direct policy", STRANGER, "dm.not-allowed", "allowFrom"])
    expect(asked.stdout).toContain(word);
  const group = await world.coderclaw("policy", "test", "--from", OWNER, "--group", "42", "--text", "hi");
  expect(group.stdout).toContain("42");
  const wrong = await world.coderclaw(
    "policy",
    "test",
    "--from",
    OWNER,
    "--group",
    "chat_id:x",
    "--text",
    "hi",
  );
  expect([wrong.code, wrong.stderr]).toEqual([expect.any(Number), expect.stringContaining("chat_id:x")]);
  expect(wrong.code).not.toBe(0);
});
