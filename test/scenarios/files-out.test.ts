// Files on their way out: of answers and by hand, once each, in their order, whatever is killed.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World, type WorldOptions } from "./world.ts";

const ANNA = "+14155550001";
const OWNER = "+14155550009";
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex");

/** A world whose agent prints what lies in `answer` in its workspace, where a chart is, too. */
async function worldWith(answer: string, options: WorldOptions = {}): Promise<World> {
  const world = await World.create(options);
  const workspace = join(world.dir, "work");
  await mkdir(workspace);
  await writeFile(join(workspace, "chart.png"), PNG);
  await writeFile(join(workspace, "answer"), answer);
  const runtime = { type: "command", command: ["sh", "-c", "cat >/dev/null; cat answer"] };
  await world.configure({
    ...options,
    config: { ...options.config, agents: { defaults: { workspace, runtime } } },
  });
  return world;
}

interface Sent {
  readonly text: string;
  readonly name: string | null;
  readonly path: string | null;
}

/** What was sent to somebody: a text, or a file by its name. */
function rowsTo(world: World, chat: string): readonly Sent[] {
  return world.mac.rows<Sent>(
    `SELECT m.text, a.transfer_name AS name, a.filename AS path FROM message m
       JOIN chat_message_join j ON j.message_id = m.ROWID JOIN chat c ON c.ROWID = j.chat_id
       LEFT JOIN message_attachment_join f ON f.message_id = m.ROWID LEFT JOIN attachment a ON a.ROWID = f.attachment_id
      WHERE m.is_from_me = 1 AND c.chat_identifier = ? ORDER BY m.ROWID`,
    chat,
  );
}

function shownTo(world: World, chat: string): readonly string[] {
  return rowsTo(world, chat).map(({ text, name }) => (name === null ? text : `[${name}]`));
}

async function expectShown(world: World, chat: string, shown: readonly string[]): Promise<void> {
  await until(
    () => shownTo(world, chat).length >= shown.length,
    () => `${JSON.stringify(shownTo(world, chat))}\n${world.lastLog()}`,
  );
  expect(shownTo(world, chat)).toEqual(shown);
}

interface Listed {
  readonly state: string;
  readonly reason?: string;
}

async function outbox(world: World): Promise<readonly Listed[]> {
  const { stdout } = await world.coderclaw("outbox", "list", "--all", "--json");
  return (JSON.parse(stdout) as { messages: Listed[] }).messages;
}

async function allSent(world: World, count: number): Promise<void> {
  await until(
    async () => {
      const parts = await outbox(world);
      return parts.length === count && parts.every((part) => part.state === "sent");
    },
    () => world.lastLog(),
  );
}

async function watching(world: World): Promise<void> {
  await until(
    () => world.lastLog().includes("] watching,"),
    () => world.lastLog(),
  );
}

function nothingStaged(world: World): boolean {
  const staging = join(world.dir, "state/outgoing");
  if (!existsSync(staging)) return true;
  return readdirSync(staging).every((account) => readdirSync(join(staging, account)).length === 0);
}

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("an answer's file goes out between its texts, as it was when the agent named it", async () => {
    await using world = await worldWith("Here:\n\n![Sales](chart.png)\n\nMore tomorrow.\n", { dialect });
    await world.start();
    await world.receive(ANNA, "chart?");
    const once = ["Here:\n\nSales", "[chart.png]", "More tomorrow."];
    await expectShown(world, ANNA, once);
    expect(readFileSync(rowsTo(world, ANNA)[1]?.path ?? "")).toEqual(PNG);
    await allSent(world, 3);
    expect(nothingStaged(world)).toBe(true);
    await world.receive(ANNA, "again?");
    await expectShown(world, ANNA, [...once, ...once]);
  });

  test("what one person sent is not sent to another by an agent that knows where it lies", async () => {
    await using world = await worldWith("", {
      dialect,
      imessage: { includeAttachments: true, attachmentRoots: [] },
    });
    const photo = join(world.dir, "photo.png");
    await writeFile(photo, PNG);
    // Names every picture that the gateway keeps, whoever sent it.
    const script =
      'cat >/dev/null; for f in ../state/media/c*/*.png; do printf "![](%s)\\n" "$(realpath "$f")"; done';
    await world.configure({
      imessage: { includeAttachments: true, attachmentRoots: [join(world.db, "../Attachments")] },
      config: {
        agents: {
          defaults: {
            workspace: join(world.dir, "work"),
            runtime: { type: "command", command: ["sh", "-c", script] },
          },
        },
      },
    });
    await world.start();
    await world.receive(ANNA, "mine", "--attachment", photo);
    await expectShown(world, ANNA, [expect.stringMatching(/^\[.*png\]$/u) as string]);
    await world.receive(OWNER, "show me hers");
    await until(
      () => shownTo(world, OWNER).length > 0,
      () => world.lastLog(),
    );
    expect(shownTo(world, OWNER).join()).toMatch(/^[^[]*\/media\/c\d+\/[0-9a-f]{64}\.png/u);
  });

  test.each(["no-guid", "error-after", "no-row-yet"])(
    "a file whose send arrived and says %s is not sent twice",
    async (outcome) => {
      await using world = await worldWith("![](chart.png)", { dialect });
      world.launchKilling();
      await watching(world);
      await world.setFaults({ fault: "send", outcome, ms: 300, times: 1 });
      await world.receive(ANNA, "chart?");
      await allSent(world, 1);
      await world.receive(ANNA, "again?");
      await expectShown(world, ANNA, ["[chart.png]", "[chart.png]"]);
      await allSent(world, 2);
    },
  );

  test("a file that failed before it was handed over is sent again, once", async () => {
    await using world = await worldWith("![](chart.png)", { dialect });
    world.launchKilling();
    await watching(world);
    await world.setFaults({ fault: "send", outcome: "error-before", times: 1 });
    await world.receive(ANNA, "chart?");
    await expectShown(world, ANNA, ["[chart.png]"]);
    await allSent(world, 1);
    expect(shownTo(world, ANNA)).toEqual(["[chart.png]"]);
  });

  test.each([
    ["agent.answered", 1],
    ["turn.finished", 1],
    ["part.claimed", 1],
    ["part.claimed", 2],
    ["send.answered", 1],
    ["send.answered", 2],
    ["part.settled", 1],
    ["part.settled", 2],
  ])("killed at %s (%s): the text and the file go out, once each, in order", async (step, count) => {
    await using world = await worldWith("Here:\n![](chart.png)\n", { dialect });
    const first = world.launchKilling();
    await watching(world);
    await first.kill("SIGTERM");
    const doomed = world.launchKilling({ step, count });
    await watching(world);
    await world.receive(ANNA, "chart?");
    expect((await doomed.ended).signal).toBe("SIGKILL");
    // What the agent named is what is sent, whatever is there by now.
    if (step !== "agent.answered") await writeFile(join(world.dir, "work/chart.png"), "another");
    world.launchKilling();
    await allSent(world, 2);
    expect(shownTo(world, ANNA)).toEqual(["Here:", "[chart.png]"]);
    expect(readFileSync(rowsTo(world, ANNA)[1]?.path ?? "")).toEqual(PNG);
  });

  test("by hand: a file after its text, of any folder, under its own name", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    await world.receive(ANNA, "hi");
    await world.expectSent(ANNA, ["You said: hi"]);
    const path = join(world.dir, "a 'b' & $(c) 🐊.txt");
    await writeFile(path, "content");
    const sent = await world.coderclaw("message", "send", "--target", ANNA, "--text", "Look", "--file", path);
    expect([sent.code, sent.stderr]).toEqual([0, ""]);
    expect(sent.stdout).toContain("Sent 2 messages");
    expect(shownTo(world, ANNA).slice(1)).toEqual(["Look", "[a 'b' & $(c) 🐊.txt]"]);
    const alone = await world.coderclaw("message", "send", "--target", ANNA, "--file", path, "--json");
    expect(JSON.parse(alone.stdout)).toMatchObject({
      outcome: "sent",
      parts: [{ text: "", file: { name: "a 'b' & $(c) 🐊.txt", mimeType: "text/plain", bytes: 7 } }],
    });
    const [kept] = readdirSync(join(world.dir, "state/media")).filter((name) => name.endsWith(".txt"));
    expect(kept).toBe(`${createHash("sha256").update("content").digest("hex")}.txt`);
    const listed = await world.coderclaw("outbox", "list", "--all");
    expect(listed.stdout).toContain("[file a 'b' & $(c)");
  });
});

test("a file that is refused stays in the text; the owner and explain have the reason, the sender has not", async () => {
  const answer =
    "![one](../secret.txt)\n![two](link.txt)\n![three](gone.png)\n![four](https://127.0.0.1/a.png)\nDone.\n";
  await using world = await worldWith(answer, {
    config: { commands: { ownerAllowFrom: [OWNER] } },
  });
  await writeFile(join(world.dir, "secret.txt"), "secret");
  await symlink(join(world.dir, "secret.txt"), join(world.dir, "work/link.txt"));
  await world.start();
  const guid = await world.receive(ANNA, "files?");
  await until(
    () => world.sentTo(OWNER).length > 0 && world.sentTo(ANNA).length > 0,
    () => world.lastLog(),
  );
  const [shown = ""] = shownTo(world, ANNA);
  expect(shownTo(world, ANNA)).toHaveLength(1);
  for (const part of ["../secret.txt", "link.txt", "gone.png", "127.0.0.1", "Done."])
    expect(shown).toContain(part);
  expect(shown).not.toMatch(/not in a folder|private/u);
  const [notice = ""] = world.sentTo(OWNER);
  const explained = await world.coderclaw("explain", guid);
  for (const text of [notice, explained.stdout]) {
    expect(text).toContain("../secret.txt is not in a folder that files are sent from");
    expect(text).toContain("link.txt is not in a folder");
    expect(text).toContain("gone.png is not there");
  }
  expect(notice).toContain("And 1 more.");
  expect(explained.stdout).toContain("https://127.0.0.1/a.png is of a private network");
  expect(explained.stdout).toContain("Answered at");
});

test("an answer of half a million characters is twenty messages, the last of them a file with the rest", async () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `Line ${at} of a long answer`);
  await using world = await worldWith(lines.join("\n"));
  await world.start();
  await world.receive(ANNA, "tell me all");
  await until(
    () => rowsTo(world, ANNA).length >= 20,
    () => world.lastLog(),
  );
  const rows = rowsTo(world, ANNA);
  const file = rows.at(-1);
  expect([rows.length, file?.name]).toEqual([20, "Rest of the answer.txt"]);
  const rest = await readFile(file?.path ?? "", "utf8");
  const texts = rows.slice(0, -1).map(({ text }) => text);
  expect([...texts, rest.replace("\ufeff", "")].join("\n")).toBe(lines.join("\n"));
});

test("messages.maxPartsPerReply bounds an answer; where the file is too large, it ends with a word", async () => {
  await using world = await worldWith("word ".repeat(4000), {
    imessage: { mediaMaxMb: 0.001, textChunkLimit: 100 },
    config: { messages: { maxPartsPerReply: 3 } },
  });
  await world.start();
  const guid = await world.receive(ANNA, "tell me all");
  await until(
    () => shownTo(world, ANNA).length === 3,
    () => world.lastLog(),
  );
  expect(shownTo(world, ANNA)[2]).toMatch(/^\(That is not all: 19,\d+ more characters/u);
  const explained = await world.coderclaw("explain", guid);
  expect(explained.stdout).toContain("characters of the answer were too much for 3 messages");
});

test("what a program prints for a terminal reaches nobody", async () => {
  await using world = await worldWith(
    "\u001b[1;32mok\u001b[0m \u0007\u001b]0;title\u0007a\u202ebc\r\nnext\u0000\u0085\n",
  );
  await world.start();
  await world.receive(ANNA, "colours?");
  await world.expectSent(ANNA, ["ok abc\nnext"]);
});

test("mediaMaxMb bounds what goes out, by hand and of an agent", async () => {
  await using world = await worldWith("![](chart.png)", { imessage: { mediaMaxMb: 0.001 } });
  await writeFile(join(world.dir, "work/chart.png"), Buffer.alloc(2000, 1));
  await world.start();
  await world.receive(ANNA, "chart?");
  await until(
    () => shownTo(world, ANNA).length === 1,
    () => world.lastLog(),
  );
  expect(shownTo(world, ANNA)[0]).toContain("chart.png");
  expect(shownTo(world, ANNA)[0]).not.toBe("[chart.png]");
  const path = join(world.dir, "work/chart.png");
  const refused = await world.coderclaw("message", "send", "--target", ANNA, "--file", path);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is larger than")]);
});

test("by hand: what cannot be sent says why, and nothing is queued", async () => {
  await using world = await World.create();
  await world.start();
  const send = async (...args: string[]) => world.coderclaw("message", "send", "--target", ANNA, ...args);
  const nothing = await send();
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("--file")]);
  expect((await send("--file", join(world.dir, "gone.png"))).stderr).toContain("There is no file");
  expect((await send("--file", world.dir)).stderr).toContain("is no plain file");
  expect((await send("--file", join(world.dir, "state/gateway.token"))).stderr).toContain(
    "the gateway's own folder",
  );
  expect(await outbox(world)).toEqual([]);
  const workspace = join(world.dir, "state/workspace");
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, "chart.png"), PNG);
  expect((await send("--file", join(workspace, "chart.png"))).code).toBe(0);
  expect(shownTo(world, ANNA)).toEqual(["[chart.png]"]);
});
