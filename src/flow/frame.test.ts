import { expect, test } from "vitest";
import type { AccountHealth, Messages } from "../model/ports.ts";
import type { Reach } from "../model/settings.ts";
import type { InboundMessage } from "../model/message.ts";
import { FLOW_TIMING, senderOf, unknownGraceOf, type Frame } from "./frame.ts";

const remote = { user: "bot", host: "mac", port: undefined };

test.each<[Reach, AccountHealth["dialect"], number]>([
  [{ kind: "local" }, "legacy", 15_000],
  [{ kind: "ssh", remote, program: "imsg" }, "legacy", 150_000],
  [{ kind: "wrapper", remote, identityFile: undefined, options: [] }, undefined, 150_000],
  [{ kind: "unclear", because: "line 1" }, "legacy", 150_000],
  // The AppleScript of a killed imsg goes on by itself.
  [{ kind: "local" }, "v1", 185_000],
  [{ kind: "ssh", remote, program: "imsg" }, "v1", 320_000],
])("an unfinished send by %j and imsg %s may still arrive for %s ms", (reach, dialect, expected) => {
  const frame = () => ({ account: { transport: { reach } } }) as unknown as Frame;
  const messages = { health: () => ({ dialect }) } as unknown as Messages;
  expect(unknownGraceOf({ timing: FLOW_TIMING, frame, messages })).toBe(expected);
});

const SELF = "+14155550009";
const OTHER = "+14155550001";

test.each([
  ["from somebody", { isFromMe: false, sender: OTHER, chatIdentifier: OTHER }, OTHER],
  ["of ours in a direct chat", { isFromMe: true, sender: OTHER, chatIdentifier: OTHER }, OTHER],
  ["of ours in a note to self", { isFromMe: true, sender: "", chatIdentifier: SELF }, SELF],
  [
    "of ours in a note to self that names another alias",
    { isFromMe: true, sender: OTHER, chatIdentifier: SELF },
    SELF,
  ],
  ["that nobody sent", { isFromMe: false, sender: "", chatIdentifier: SELF }, undefined],
])("the sender of a row %s", (_what, row, expected) => {
  const frame = { account: { selfHandles: [SELF], region: "US" } } as unknown as Frame;
  expect(senderOf(frame, { isGroup: false, ...row } as unknown as InboundMessage)).toBe(expected);
});
