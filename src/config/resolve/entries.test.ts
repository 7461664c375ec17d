// Entries of lists as the configuration has them: how they are pasted, what is refused, whom they make an owner.
import { describe, expect, test } from "vitest";
import { imessage, problems, settings } from "../../../test/config/compile-for-test.ts";
import type { AccountSettings } from "../../model/settings.ts";
import { renderEntry } from "../../model/target.ts";

function account(section: unknown, rest: object = {}): AccountSettings {
  const [only] = settings({ ...rest, ...imessage(section) }).accounts;
  if (only === undefined) throw new Error("no account");
  return only;
}

describe("people", () => {
  test("handles are read by the account's region, entries by their grammar", () => {
    const de = account({ region: "de", allowFrom: ["0171 1234567", "CHAT_ID:7", "guid:any;-;X", "*"] });
    expect(de.allowFrom.map(renderEntry)).toEqual(["+491711234567", "chat_id:7", "chat_guid:any;-;X", "*"]);
  });

  test("an entry as it is pasted is read for whom it means", () => {
    const allowFrom = [
      "\u202a+1 (555) 123-4567\u202c",
      "tel:+1-555-123-4568",
      "mailto:Anna@b.c",
      "(+1) 555 123 4569",
      "iMessage;+;chat831234567890",
      "chat831234567891",
      "\u200b*",
    ];
    expect(account({ allowFrom }).allowFrom.map(renderEntry)).toEqual([
      "+15551234567",
      "+15551234568",
      "anna@b.c",
      "+15551234569",
      "chat_guid:iMessage;+;chat831234567890",
      "chat_identifier:chat831234567891",
      "*",
    ]);
    const { groups } = account({ groups: { "\u200e12": {}, "any;+;chat831234567890": {} } });
    expect(groups.map(({ key }) => renderEntry(key))).toEqual([
      "chat_guid:any;+;chat831234567890",
      "chat_id:12",
    ]);
  });

  test.each<[string, string]>([
    ["Anna Smith Jones", "is neither a phone number nor an e-mail address"],
    ["555-1234", "is not a phone number of the region; begin it with `+` and the country code"],
    ["+1555*", "is neither a phone number nor an e-mail address"],
    ["mіke@b.c", "contains `і` (U+0456), and senders have only ASCII characters"],
    ["whatsapp:+15551234567", "begins with `whatsapp:`, which is not a known prefix"],
    ["Anna <anna@b.c>", "is not an e-mail address"],
  ])("an entry that admits nobody is refused: %s", (entry, reason) => {
    const refused = (path: string) => ({ path, message: `${path} is ${JSON.stringify(entry)}: ${reason}` });
    const found = problems({
      ...imessage({ allowFrom: [entry], groupAllowFrom: [entry], selfHandles: [entry] }),
      commands: { ownerAllowFrom: [entry] },
    });
    const paths = ["allowFrom[0]", "groupAllowFrom[0]", "selfHandles[0]"].map(
      (key) => `channels.imessage.${key}`,
    );
    expect(found.map(({ path, message }) => ({ path, message }))).toEqual(
      expect.arrayContaining([...paths, "commands.ownerAllowFrom[0]"].map(refused)),
    );
  });

  test("a name that only a machine can have is read, with a warning", () => {
    const read = settings(imessage({ allowFrom: ["Anna"] }));
    expect(read.accounts[0]?.allowFrom.map(renderEntry)).toEqual(["anna"]);
    expect(read.warnings).toEqual([
      {
        path: "channels.imessage.allowFrom[0]",
        message:
          'channels.imessage.allowFrom[0] matches only a machine that writes under the name "anna", never a person',
        hint: "For a person, write the phone number or the e-mail address that they write from.",
      },
    ]);
  });

  test("owners: commands.ownerAllowFrom, else the handles of allowFrom", () => {
    const allowFrom = ["*", "A@b.c", "chat_id:1", "+15551234567"];
    expect(account({ allowFrom }).owners).toEqual(["a@b.c", "+15551234567"]);
    expect(account({ allowFrom }, { commands: { ownerAllowFrom: ["imessage:X@y.z"] } }).owners).toEqual([
      "x@y.z",
    ]);
    expect(account({ allowFrom }, { commands: { ownerAllowFrom: [] } }).owners).toEqual([]);
  });
});
