// When the text of a message is what Messages heard in its file.
import { expect, test } from "vitest";
import type { InboundMessage } from "../model/message.ts";
import { message } from "../../test/rules/admission-for-test.ts";
import { transcriptOf } from "./transcript.ts";

const SOUND = {
  name: "Audio Message.caf",
  path: "/a.caf",
  mimeType: "audio/x-caf",
  uti: "com.apple.coreaudio-format",
  bytes: 5,
  isSticker: false,
  missing: false,
};

test.each<[string, Partial<InboundMessage>, string, string | undefined]>([
  ["a voice message with a transcript", { text: "Call me", attachments: [SOUND] }, "audio/mp4", "Call me"],
  ["without one", { text: "\uFFFC", attachments: [SOUND] }, "audio/mp4", undefined],
  ["a sound sent with words", { text: "\uFFFCmy song", attachments: [SOUND] }, "audio/mpeg", undefined],
  ["no text at all", { text: " ", attachments: [SOUND] }, "audio/mp4", undefined],
  ["a picture", { text: "look", attachments: [SOUND] }, "image/png", undefined],
  ["two sounds", { text: "both", attachments: [SOUND, SOUND] }, "audio/mp4", undefined],
])("%s", (_what, over, mimeType, transcript) => {
  expect(transcriptOf(message(over), mimeType)).toBe(transcript);
});
