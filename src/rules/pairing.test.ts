// The pairing code's alphabet and length, for every byte a random source can give.
import fc from "fast-check";
import { expect, test } from "vitest";
import { account, allow, codeOf, decide, entry, policyOf } from "../../test/rules/admission-for-test.ts";
import { pairingCode, PAIRING_CODE_BYTES } from "./pairing.ts";

test("a code is 8 characters that nobody confuses", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: PAIRING_CODE_BYTES, maxLength: PAIRING_CODE_BYTES }), (bytes) => {
      expect(pairingCode(bytes)).toMatch(/^[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{8}$/);
    }),
  );
});

test("every character is equally likely: each stands for 8 of the 256 byte values", () => {
  const counts = new Map<string, number>();
  for (let byte = 0; byte < 256; byte += 1) {
    const letter = pairingCode(Uint8Array.of(byte));
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect([...counts.values()]).toEqual(Array.from({ length: 32 }, () => 8));
});

test.each([
  "22395",
  "911",
  "amazon",
  "urn:biz:4567-abc",
  "shop@rbm.goog",
  "mіke@b.c",
  "imessage:+14155550003",
])("a machine, %s, gets no code and takes no place", (sender) => {
  const row = entry({ sender, chatIdentifier: sender, participants: [sender] });
  const { outcome } = decide(policyOf(account()), row);
  expect(outcome).toMatchObject({ kind: "ignore", code: "pairing.machine" });
  expect(codeOf(decide(policyOf(account({ allowFrom: allow("*") })), row))).toBe("turn");
});
