// Which files of messages are taken, from where, and how large they may be.
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { MediaSettings, Reach } from "../../model/settings.ts";
import { asId, type AccountId } from "../../model/ids.ts";
import type { Layers } from "./layers.ts";
import { Report } from "./report.ts";
import { resolveMedia } from "./media.ts";
import type { AccountSection, ImessageSection } from "../schema/imessage.ts";

const LOCAL: Reach = { kind: "local" };
const REMOTE: Reach = {
  kind: "ssh",
  remote: { user: "bot", host: "mac", port: undefined },
  program: "imsg",
};

function resolve(
  channel: ImessageSection,
  reach: Reach = LOCAL,
  own: AccountSection = channel,
): { media: MediaSettings; faults: readonly string[] } {
  const report = new Report(new Set());
  const layers: Layers = {
    id: asId<AccountId>("a"),
    own,
    ownPath: ["channels", "imessage", ...(own === channel ? [] : ["accounts", "a"])],
    channel,
  };
  const media = resolveMedia(layers, reach, report);
  return { media, faults: report.faults.map(({ message }) => message) };
}

describe("defaults", () => {
  test("nothing is taken; the folder of Messages here", () => {
    expect(resolve({})).toEqual({
      media: {
        isTaken: false,
        roots: [join(homedir(), "Library/Messages/Attachments")],
        maxBytes: 16 * 1024 * 1024,
      },
      faults: [],
    });
  });
  test("the folders of every user there", () => {
    expect(resolve({}, REMOTE).media.roots).toEqual(["/Users/*/Library/Messages/Attachments"]);
    expect(resolve({}, { kind: "unclear", because: "" }).media.roots).toEqual([
      "/Users/*/Library/Messages/Attachments",
    ]);
  });
});

describe("what is written", () => {
  test("the account's over the channel's", () => {
    const { media } = resolve({ includeAttachments: true, mediaMaxMb: 20 }, LOCAL, { mediaMaxMb: 0.5 });
    expect(media).toMatchObject({ isTaken: true, maxBytes: 512 * 1024 });
  });
  test("`~` is the home folder here", () => {
    expect(resolve({ attachmentRoots: ["~/a", "/b/*/c"] }).media.roots).toEqual([
      join(homedir(), "a"),
      "/b/*/c",
    ]);
  });
  test("there: remoteAttachmentRoots, else attachmentRoots, whichever layer writes them", () => {
    expect(resolve({ attachmentRoots: ["/a"] }, REMOTE).media.roots).toEqual(["/a"]);
    expect(resolve({ attachmentRoots: ["/a"], remoteAttachmentRoots: ["/r"] }, REMOTE).media.roots).toEqual([
      "/r",
    ]);
    expect(resolve({ remoteAttachmentRoots: ["/r"] }, LOCAL).media.roots).not.toContain("/r");
    expect(
      resolve({ remoteAttachmentRoots: ["/r"] }, REMOTE, { attachmentRoots: ["/a"] }).media.roots,
    ).toEqual(["/r"]);
  });
  test("an empty list lets nothing in", () => {
    expect(resolve({ attachmentRoots: [] }).media.roots).toEqual([]);
  });
});

test.each([
  ["relative", LOCAL],
  ["~bob/files", LOCAL],
  ["/a/../b", LOCAL],
  ["/a/./b", LOCAL],
  ["/", LOCAL],
  ["//", LOCAL],
  ["/a*/b", LOCAL],
  ["~/Library", REMOTE],
  ["Library", REMOTE],
])("%s is refused", (root, reach) => {
  expect(resolve({ attachmentRoots: ["/ok", root] }, reach).faults).toEqual([
    expect.stringContaining(`channels.imessage.attachmentRoots[1] is "${root}": `),
  ]);
});
