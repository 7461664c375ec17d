// What people paste and tap, through the real gateway: links with their previews, photos that come late, reactions put into words.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { DIALECTS, World } from "./world.ts";

const ANNA = "+14155550001";
const LINK = "https://example.com/article";

/** The row that Messages writes for a link's preview: the link again, with files that nobody sent. */
async function preview(world: World, link: string, ...args: readonly string[]): Promise<string> {
  const file = join(world.dir, "0A1B2C3D.pluginPayloadAttachment");
  await writeFile(file, "a preview");
  return world.receive(ANNA, link, "--attachment", file, ...args);
}

describe.each(DIALECTS)("with imsg %s", (dialect) => {
  test("a link is a prompt by itself, with no file; its preview behind a text is no second one", async () => {
    await using world = await World.create({ dialect, imessage: { includeAttachments: true } });
    await world.start();
    await preview(world, LINK);
    await world.expectSent(ANNA, [`You said: ${LINK}`]);
    await world.receive(ANNA, `What is this? ${LINK}/2`);
    const guid = await preview(world, `${LINK}/2`);
    expect((await world.decided(guid)).code).toBe("link.preview");
    await world.receive(ANNA, "thanks");
    await world.expectSent(ANNA, [
      `You said: ${LINK}`,
      `You said: What is this? ${LINK}/2`,
      "You said: thanks",
    ]);
  });

  test("with a debounce, a text and the link sent with it are one turn", async () => {
    await using world = await World.create({
      dialect,
      config: { messages: { inbound: { debounceMs: 2500 } } },
    });
    await world.start();
    await world.receive(ANNA, "Summarize this");
    await preview(world, LINK);
    await world.expectSent(ANNA, [`You said: Summarize this\n${LINK}`]);
  });

  test("a photo whose file comes late is answered, with what was written behind it", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    const photo = await world.receive(ANNA, "\ufffc");
    await world.receive(ANNA, "what is this?");
    const db = new DatabaseSync(world.db, { timeout: 5000 });
    db.exec(
      "INSERT INTO attachment (guid, original_guid, filename, transfer_name, mime_type) VALUES ('A1', 'A1', '/a/cat.png', 'cat.png', 'image/png')",
    );
    db.prepare(
      "INSERT INTO message_attachment_join (message_id, attachment_id) SELECT ROWID, (SELECT max(ROWID) FROM attachment) FROM message WHERE guid = ?",
    ).run(photo);
    db.close();
    expect((await world.decided(photo)).kind).toBe("turn");
    await world.expectSent(ANNA, ["You said: what is this?"]);
    await world.receive(ANNA, "thanks");
    await world.expectSent(ANNA, ["You said: what is this?", "You said: thanks"]);
  });

  test("reactions put into words, and texts in which nothing is seen, are not answered", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    const guids: string[] = [];
    for (const text of ["Liked “You said: hi”", "Reacted 😂 to “hi”", "\u200b", "\ufffc"])
      guids.push(await world.receive(ANNA, text));
    await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
    const codes: unknown[] = [];
    for (const guid of guids) codes.push((await world.decided(guid)).code);
    expect(codes).toEqual(["reaction", "reaction", "event.empty", "event.empty"]);
  });
});
