// The previews of links: v1 tells them with their texts.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Mac, PREVIEW_BALLOON } from "./mac.ts";
import type { ToldMessage } from "./mac.ts";

const LINK = "https://example.com/page";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
});
afterEach(() => mac.destroy());

describe("a link's preview", () => {
  const shown = (messages: readonly ToldMessage[]) =>
    messages.map(({ id, url_preview }) => [id, (url_preview as { id: number } | undefined)?.id]);

  it.each([
    ["the link as it is", `look: ${LINK}`, LINK, 1],
    ["another case", LINK.toUpperCase(), LINK, 1],
    ["a slash at the end", `${LINK} there`, `${LINK}/`, 1],
    ["five seconds later", LINK, LINK, 5],
  ])("is told with its text: %s", async (_title, text, link, seconds) => {
    mac.arrive({ text });
    mac.arrivePreview(link, seconds);
    const [message, ...more] = await mac.told("messages.history", { chat_id: 1 });
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      id: 1,
      text,
      url_preview: {
        id: 2,
        guid: expect.any(String),
        balloon_bundle_id: PREVIEW_BALLOON,
        created_at: expect.any(String),
      },
    });
    expect(message).not.toHaveProperty("balloon_bundle_id");
    expect(shown(await mac.told("messages.after", { since_rowid: 0 }))).toEqual([[1, 2]]);
  });

  it.each([
    ["six seconds later", LINK, LINK, 6],
    ["of another link", LINK, "https://example.org", 1],
    ["without a link", LINK, "example", 1],
  ])("stands for itself: %s", async (_title, text, link, seconds) => {
    mac.arrive({ text });
    mac.arrivePreview(link, seconds);
    const messages = await mac.told("messages.history", { chat_id: 1 });
    expect(shown(messages)).toEqual([
      [2, undefined],
      [1, undefined],
    ]);
    expect(messages.find(({ id }) => id === 2)).toMatchObject({ balloon_bundle_id: PREVIEW_BALLOON });
  });

  it("of several the last is told", async () => {
    mac.arrive({ text: `${LINK} and https://example.org` });
    mac.arrivePreview(LINK);
    mac.arrivePreview("https://example.org");
    expect(shown(await mac.told("messages.history", { chat_id: 1 }))).toEqual([[1, 3]]);
  });

  it("brings its text where the limit leaves that out, and makes room for more", async () => {
    mac.arrive({ text: "before" });
    mac.arrive({ text: LINK });
    mac.arrivePreview(LINK);
    expect(shown(await mac.told("messages.history", { chat_id: 1, limit: 1 }))).toEqual([[2, 3]]);
    expect(shown(await mac.told("messages.history", { chat_id: 1, limit: 2 }))).toEqual([
      [2, 3],
      [1, undefined],
    ]);
  });

  it("is never told by a watch that told the text before", async () => {
    const child = mac.session();
    await child.call("watch.subscribe", { debounce_ms: 500 }); // time enough to write a preview in two steps
    mac.arrive({ text: LINK });
    await child.find(({ method }) => method === "message");
    mac.arrivePreview(LINK);
    mac.arrive({ text: "behind" });
    const next = await child.find(({ method }) => method === "message");
    expect(next).toMatchObject({ params: { message: { id: 3, text: "behind" } } });
  });

  it("moves the cursor of messages.after", async () => {
    mac.arrive({ text: LINK });
    mac.arrivePreview(LINK);
    const { result } = await mac.session().call("messages.after", { since_rowid: 1 });
    expect(result).toEqual({ messages: [], next_rowid: 2, has_more: false });
  });

  it("is a message of its own in legacy", async () => {
    mac.arrive({ text: LINK });
    mac.arrivePreview(LINK);
    const messages = await mac.told("messages.history", { chat_id: 1 }, "--dialect", "legacy");
    expect(shown(messages)).toEqual([
      [2, undefined],
      [1, undefined],
    ]);
    expect(messages[0]).not.toHaveProperty("balloon_bundle_id");
  });
});
