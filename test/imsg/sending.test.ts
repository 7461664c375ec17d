// Sending through a real child: every outcome, and looking for a message whose fate is not known.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/lib/process-identity.ts";
import { parseHandle } from "../../src/model/handle.ts";
import { asId, messageGuid, type MessageGuid, type RowId } from "../../src/model/ids.ts";
import type { Target } from "../../src/model/target.ts";
import { DIALECTS, FRIEND, Mac, type TestAccount } from "./mac.ts";

const CHAT: Target = { kind: "chat_id", chatId: 1 };
const GUID = `iMessage;-;${FRIEND}`;
const BOLD = [{ start: 0, length: 2, styles: ["bold"] }] as const;
const nothingKnown = async (): Promise<ReadonlySet<MessageGuid>> => new Set();

function handle(text: string): Target {
  const parsed = parseHandle(text, "US");
  if (parsed === undefined) throw new Error(`no handle: ${text}`);
  return { kind: "handle", handle: parsed, service: "auto" };
}

/** A program that is the Mac's imsg but for one parameter that it refuses. */
function refusing(mac: Mac, parameter: string): string {
  return `#!${process.execPath}
const { spawn } = require("node:child_process");
const imsg = spawn(${JSON.stringify(mac.cli)}, process.argv.slice(2), { stdio: ["pipe", "inherit", "inherit"] });
imsg.on("exit", (code) => process.exit(code ?? 1));
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("close", () => imsg.stdin.end());
lines.on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (!("${parameter}" in (params ?? {}))) return imsg.stdin.write(line + "\\n");
  const error = { code: -32602, message: "Invalid params", data: \`unknown \${method} param: ${parameter}\` };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, error }) + "\\n");
});`;
}

/** SQL that writes so many direct chats with a message each, the first the oldest. */
function manyChats(count: number): string {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  const row = "700000000000000000 + i * 1000000000";
  return `BEGIN;
    ${numbers} INSERT INTO handle (ROWID, id, service) SELECT i, '+1415600' || printf('%03d', i), 'iMessage' FROM n;
    ${numbers} INSERT INTO chat (ROWID, guid, chat_identifier, service_name, style)
      SELECT i, 'iMessage;-;+1415600' || printf('%03d', i), '+1415600' || printf('%03d', i), 'iMessage', 45 FROM n;
    ${numbers} INSERT INTO chat_handle_join (chat_id, handle_id) SELECT i, i FROM n;
    ${numbers} INSERT INTO message (ROWID, guid, text, handle_id, service, date, is_from_me)
      SELECT i, 'OLD-' || i, 'old', i, 'iMessage', ${row}, 0 FROM n;
    ${numbers} INSERT INTO chat_message_join (chat_id, message_id, message_date) SELECT i, i, ${row} FROM n;
    COMMIT;`;
}

/** A Mac with one chat, watched. */
async function prepare(mac: Mac): Promise<void> {
  await mac.receive("hi");
}

function pidOfSender(account: TestAccount, children: readonly Identity[]): number {
  const last = children.at(-1);
  if (last === undefined) throw new Error(account.report());
  return last.pid;
}

describe.each(DIALECTS)("%s", (dialect) => {
  it("sends to a chat by id, guid, identifier and handle", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    const targets: Target[] = [
      CHAT,
      { kind: "chat_guid", guid: GUID },
      { kind: "chat_identifier", identifier: FRIEND },
      handle(FRIEND),
    ];
    for (const [index, target] of targets.entries()) {
      const outcome = await account.messages.send(account.part(`t${index}`, target));
      expect(outcome).toMatchObject({ kind: "sent", guid: expect.any(String), rowId: expect.any(Number) });
    }
    expect(mac.sent()).toEqual(["t0", "t1", "t2", "t3"]);
    await account.until(() => account.rows.filter((row) => row.isFromMe).length === 4);
  });

  it("sends by guid when the chat id belongs to another chat now, and not at all when the chat is gone", async () => {
    await using mac = await Mac.create(dialect);
    await mac.receive("one", "--from", "+14155550009");
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    const moved = account.part("moved", CHAT, { expectedGuid: `any;-;${FRIEND}` });
    expect((await account.messages.send(moved)).kind).toBe("sent");
    await account.until(() => account.texts.includes("moved"));
    expect(account.rows.find((row) => row.text === "moved")).toMatchObject({ chatId: 2, chatGuid: GUID });

    const lost = account.part("lost", CHAT, { expectedGuid: "iMessage;+;chat999" });
    expect(await account.messages.send(lost)).toMatchObject({ kind: "failed", retryable: false });
    expect(mac.sent()).toEqual(["moved"]);
    expect(await account.messages.lookUp(lost, nothingKnown)).toEqual({ kind: "absent" });
  });

  it("fails for good on what imsg does not know", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    const outcome = await account.messages.send(account.part("x", { kind: "chat_id", chatId: 9999 }));
    expect(outcome).toMatchObject({ kind: "failed", retryable: false });
  });

  it("calls it unknown when imsg saw no row, and finds the row later", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    await mac.setFaults({ fault: "send", outcome: "no-guid", times: 1 });
    const part = account.part("  said\n once ", CHAT);
    expect((await account.messages.send(part)).kind).toBe("unknown");
    await account.until(() => mac.sent().length === 1);
    const found = await account.messages.lookUp(part, nothingKnown);
    expect(found).toMatchObject({ kind: "found", rowId: 2 });
    // The same row cannot be the proof of two parts.
    const guid = found.kind === "found" ? found.guid : asId<MessageGuid>("");
    expect(await account.messages.lookUp(part, async () => new Set([guid]))).toEqual({ kind: "absent" });
    // A row from before the attempt is none of ours.
    const later = { ...part, anchorRow: asId<RowId>(2) };
    expect(await account.messages.lookUp(later, nothingKnown)).toEqual({ kind: "absent" });
  });

  it("finds a text whose link Messages hung a preview on, and does not send over one it cannot read", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    const part = account.part("see example.com", CHAT);
    const preview = join(mac.dir, "AB12.pluginPayloadAttachment");
    await writeFile(preview, "x");
    await mac.receive("see example.com", "--from-me", "--attachment", preview);
    expect(await account.messages.lookUp(part, nothingKnown)).toMatchObject({ kind: "found" });
    const other = account.part("something else", CHAT, { anchorRow: part.anchorRow });
    // v1 forbids to send again while a text of ours stands there that nobody else sent.
    const kind = dialect === "v1" ? "unclear" : "absent";
    expect(await account.messages.lookUp(other, nothingKnown)).toMatchObject({ kind });
    await mac.sim("receive", "--from", FRIEND, "--from-me", "--empty");
    expect(await account.messages.lookUp(other, nothingKnown)).toMatchObject({ kind: "unclear" });
  });

  it.each([
    ["before", []],
    ["after", ["x"]],
  ])("an error %s the hand-over: what history shows decides", async (when, sent) => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    await mac.setFaults({ fault: "send", outcome: `error-${when}`, times: 1 });
    const part = account.part("x", CHAT);
    const outcome = await account.messages.send(part);
    const isCertain = dialect === "v1" && when === "before";
    expect(outcome.kind).toBe(isCertain ? "failed" : "unknown");
    expect(mac.sent()).toEqual(sent);
    const fate = await account.messages.lookUp(part, nothingKnown);
    expect(fate.kind).toBe(sent.length === 0 ? "absent" : "found");
  });

  it("kills a sender that does not answer; what waits behind it is sent by the next one, once", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    const children: Identity[] = [];
    const gone: Identity[] = [];
    await using account = mac.account({
      hooks: {
        onSendingChild: async (identity) => void children.push(identity),
        onSendingChildGone: async (identity) => void gone.push(identity),
      },
    });
    await account.watching();
    await mac.setFaults({ fault: "send", outcome: "deliver-no-answer", times: 1 });
    const stuck = account.part("stuck", CHAT);
    const outcomes = await Promise.all([
      account.messages.send(stuck),
      account.messages.send(account.part("b", CHAT)),
      account.messages.send(account.part("c", CHAT)),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown", "sent", "sent"]);
    expect(mac.sent()).toEqual(["stuck", "b", "c"]);
    expect(children).toHaveLength(2);
    expect(gone).toEqual(children.slice(0, 1));
    expect(await account.messages.lookUp(stuck, nothingKnown)).toMatchObject({ kind: "found" });
    expect(account.health.reading.restarts).toBe(0);
  });

  it("does not know what became of a send when the sender is killed", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    const children: Identity[] = [];
    await using account = mac.account({
      timing: { sendMs: { legacy: 20_000, v1: 20_000 } },
      hooks: { onSendingChild: async (identity) => void children.push(identity) },
    });
    await account.until(() => account.health.sending.state === "ready");
    await mac.setFaults({ fault: "hang", method: "send", times: 1 });
    const sending = account.messages.send(account.part("x", CHAT));
    // The request is in the child's hands once the child used up the fault.
    await account.until(() => existsSync(`${mac.faults}.count`));
    process.kill(pidOfSender(account, children), "SIGKILL");
    expect((await sending).kind).toBe("unknown");
    await mac.setFaults();
    expect((await account.messages.send(account.part("y", CHAT))).kind).toBe("sent");
  });

  it("reads on while a send hangs", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account({ timing: { sendMs: { legacy: 3_000, v1: 3_000 } } });
    await account.until(() => account.health.sending.state === "ready");
    await mac.setFaults({ fault: "hang", method: "send", times: 1 });
    const sending = account.messages.send(account.part("x", CHAT));
    await mac.receive("meanwhile");
    await account.until(() => account.texts.includes("meanwhile"));
    expect(account.health.sending.restarts).toBe(0);
    expect((await sending).kind).toBe("unknown");
  });

  it.each(["Sch\u00F6ne Gr\u00FC\u00DFe", "\uD55C\uAE00", "\u304C\u304E", "Vi\u1EC7t"])(
    "finds %s among its rows, where Messages writes accents apart",
    async (text) => {
      await using mac = await Mac.create(dialect);
      await prepare(mac);
      await using account = mac.account();
      await account.watching();
      await mac.setFaults({ fault: "send", outcome: "error-after", times: 1 });
      const part = account.part(text, CHAT);
      expect((await account.messages.send(part)).kind).toBe("unknown");
      expect(mac.sent()).toEqual([text.normalize("NFD")]);
      expect(await account.messages.lookUp(part, nothingKnown)).toMatchObject({ kind: "found" });
    },
  );

  it("finds a text of which Messages made two rows, and is not certain over one that it changed", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    const split = account.part("see https://example.com/a", CHAT);
    const changed = account.part('he said "no"...', CHAT);
    await mac.receive("https://example.com/a", "--from-me");
    expect(await account.messages.lookUp(split, nothingKnown)).toMatchObject({ kind: "found" });
    await mac.receive("he said \u201Cno\u201D\u2026", "--from-me");
    expect(await account.messages.lookUp(changed, nothingKnown)).toMatchObject({ kind: "unclear" });
  });

  it("sends to a chat that is beyond any short list, and says that one is gone only after all of them", async () => {
    await using mac = await Mac.create(dialect);
    mac.sql(manyChats(3_000));
    await using account = mac.account();
    await account.watching();
    // Its number is another chat's by now.
    const far = account.part(
      "far",
      { kind: "chat_id", chatId: 2_900 },
      { expectedGuid: "any;-;+1415600002" },
    );
    expect((await account.messages.send(far)).kind).toBe("sent");
    const gone = account.part("gone", CHAT, { expectedGuid: "iMessage;-;+14157777777" });
    expect(await account.messages.send(gone)).toMatchObject({ kind: "failed", retryable: false });
    expect(mac.sent()).toEqual(["far"]);
  });

  it("waits for the answer of a send that is out when it is closed", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    const account = mac.account({
      timing: { sendMs: { legacy: 20_000, v1: 20_000 }, sendEndGraceMs: 10_000 },
    });
    await account.until(() => account.health.sending.state === "ready");
    await mac.setFaults({ fault: "delay", method: "send", ms: 1_500, times: 1 });
    const sending = account.messages.send(account.part("slow", CHAT));
    await account.until(() => existsSync(`${mac.faults}.count`));
    await account.messages.close();
    expect(await sending).toMatchObject({ kind: "sent" });
    expect(mac.sent()).toEqual(["slow"]);
  });

  it("is certain about a chat that it never wrote to", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    const part = account.part("x", handle("+14155550123"));
    expect(await account.messages.lookUp(part, nothingKnown)).toEqual({ kind: "absent" });
  });

  it("sends many a second", async () => {
    await using mac = await Mac.create(dialect);
    await prepare(mac);
    await using account = mac.account();
    await account.until(() => account.health.sending.state === "ready");
    const parts = Array.from({ length: 300 }, (_, index) =>
      account.part(`m${index}`, CHAT, { expectedGuid: GUID }),
    );
    const outcomes = await Promise.all(parts.map((part) => account.messages.send(part)));
    expect(outcomes.every(({ kind }) => kind === "sent")).toBe(true);
    expect(mac.sent()).toEqual(parts.map((part) => part.text));
  });
});

describe("v1 with the bridge", () => {
  it("gives a tracked send its guid, and asks for it by that", async () => {
    await using mac = await Mac.create("v1", { bridge: true });
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    const part = account.part("tracked", CHAT, { expectedGuid: GUID });
    expect(await account.messages.send(part)).toMatchObject({
      kind: "sent",
      guid: messageGuid(part.attemptId),
    });
    expect(await account.messages.lookUp(part, nothingKnown)).toMatchObject({
      kind: "found",
      guid: messageGuid(part.attemptId),
    });
    const other = account.part("tracked", CHAT, { anchorRow: asId<RowId>(1_000) });
    expect(await account.messages.lookUp(other, nothingKnown)).toEqual({ kind: "absent" });
  });

  it("sends formatted text tracked, and finds it by its guid and by its text", async () => {
    await using mac = await Mac.create("v1", { bridge: true });
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    const part = account.part("so **bold**", CHAT, { expectedGuid: GUID, formatting: BOLD });
    expect(await account.messages.send(part)).toMatchObject({
      kind: "sent",
      guid: messageGuid(part.attemptId),
    });
    expect(await mac.deliveries()).toMatchObject([
      {
        method: "send.tracked",
        transport: "bridge",
        guid: part.attemptId,
        text: part.text,
        formatting: BOLD,
      },
    ]);
    expect(await account.messages.lookUp(part, nothingKnown)).toMatchObject({ kind: "found" });
    const untracked = { ...part, attemptId: account.part("", CHAT).attemptId };
    expect(await account.messages.lookUp(untracked, nothingKnown)).toMatchObject({
      kind: "found",
      guid: messageGuid(part.attemptId),
    });
  });

  it("sends it plain, and once, where formatting is refused", async () => {
    await using mac = await Mac.create("v1", { bridge: true });
    await prepare(mac);
    const cliPath = await mac.program("strict", refusing(mac, "text_formatting"));
    await using account = mac.account({ transport: { cliPath } });
    await account.watching();
    const parts = [CHAT, handle("+14155550123")].map((target) =>
      account.part("x", target, { formatting: BOLD }),
    );
    const outcomes = await Promise.all(parts.map((part) => account.messages.send(part)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["sent", "sent"]);
    const deliveries = await mac.deliveries();
    expect(deliveries.map(({ method, formatting }) => [method, formatting])).toEqual([
      ["send.tracked", undefined],
      ["send", undefined],
    ]);
  });

  it("sends plain once the bridge is gone, and tracked again once it is back", async () => {
    await using mac = await Mac.create("v1", { bridge: true });
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    const send = async (text: string) =>
      (await account.messages.send(account.part(text, CHAT, { expectedGuid: GUID }))).kind;
    expect(await send("tracked")).toBe("sent");
    await mac.setFaults({ fault: "bridge-gone" });
    expect([await send("plain"), await send("at once")]).toEqual(["sent", "sent"]);
    const methods = (await mac.deliveries()).map(({ method }) => method);
    expect(methods).toEqual(["send.tracked", "send", "send"]);
    const asked = (await mac.requests()).filter(({ method }) => method === "send.tracked");
    // After one refusal imsg is asked what it can do, and not for what it cannot.
    expect(asked).toHaveLength(2);
  });

  it("gets past a lane that an unfinished send blocks", async () => {
    await using mac = await Mac.create("v1", { bridge: true });
    await prepare(mac);
    await using account = mac.account();
    await account.watching();
    await mac.setFaults({
      fault: "send",
      outcome: "error-after",
      disposition: "still_in_flight",
      times: 1,
    });
    const first = account.part("first", CHAT);
    expect((await account.messages.send(first)).kind).toBe("unknown");
    expect((await account.messages.send(account.part("second", CHAT))).kind).toBe("sent");
    expect(account.health.sending.restarts).toBe(1);
  });
});

it("v1 sends over iMessage by the chat where there is one, as it would not see its row else", async () => {
  await using mac = await Mac.create("v1");
  await mac.receive("hi", "--guid-style", "macos26");
  await mac.receive("hi", "--from", "+14155550009", "--service", "SMS");
  await using account = mac.account();
  await account.watching();
  const send = async (to: string) => {
    const target = { ...handle(to), service: "imessage" } as Target;
    const kind = (await account.messages.send(account.part("x", target))).kind;
    const { params } = (await mac.requests()).findLast(({ method }) => method === "send") ?? {};
    return [kind, params];
  };
  // What a watch has not seen is asked of imsg by the number that the journal has.
  await mac.receive("and you?");
  await account.until(() => account.texts.includes("and you?"));
  expect(await send(FRIEND)).toEqual(["sent", { chat_guid: `any;-;${FRIEND}`, text: "x" }]);
  expect((await send("+14155550009"))[1]).toMatchObject({ to: "+14155550009", service: "imessage" });
  expect((await send("+14155550010"))[1]).toMatchObject({ to: "+14155550010", service: "imessage" });
});

it.each(DIALECTS)("%s without the bridge sends formatted text plain", async (dialect) => {
  await using mac = await Mac.create(dialect);
  await prepare(mac);
  await using account = mac.account();
  await account.watching();
  const part = account.part("bold", CHAT, { formatting: BOLD });
  expect(await account.messages.send(part)).toMatchObject({ kind: "sent", rowId: 2 });
  expect((await mac.deliveries()).map(({ formatting }) => formatting)).toEqual([undefined]);
});

it("legacy is asked for nothing that it does not document", async () => {
  await using mac = await Mac.create("legacy", { bridge: true });
  await prepare(mac);
  const cliPath = await mac.program("strict", refusing(mac, "text_formatting"));
  await using account = mac.account({ transport: { cliPath } });
  await account.watching();
  const part = account.part("bold", CHAT, { formatting: BOLD });
  expect((await account.messages.send(part)).kind).toBe("sent");
  expect(await mac.deliveries()).toHaveLength(1);
});

it("fails for now when there is no sender, and sends once there is one", async () => {
  await using mac = await Mac.create("v1");
  await prepare(mac);
  const cliPath = `${mac.dir}/later`;
  await using account = mac.account({ transport: { cliPath } });
  const outcome = await account.messages.send(account.part("x", CHAT));
  expect(outcome).toMatchObject({ kind: "failed", retryable: true, reason: `imsg not found (${cliPath})` });
  await mac.program("later", `#!/bin/sh\nexec '${mac.cli}' "$@"`);
  await account.until(() => account.health.sending.state === "ready");
  expect((await account.messages.send(account.part("x", CHAT))).kind).toBe("sent");
});

it("settles every send when it is closed", async () => {
  await using mac = await Mac.create("legacy");
  await prepare(mac);
  const account = mac.account({ timing: { sendMs: { legacy: 20_000, v1: 20_000 } } });
  await account.until(() => account.health.sending.state === "ready");
  await mac.setFaults({ fault: "hang", method: "send", times: 1 });
  const sends = ["a", "b"].map((text) => account.messages.send(account.part(text, CHAT)));
  await account.until(() => existsSync(`${mac.faults}.count`));
  await account.messages.close();
  const kinds = (await Promise.all(sends)).map(({ kind }) => kind);
  expect(kinds).toEqual(["unknown", "failed"]);
  expect((await account.messages.send(account.part("c", CHAT))).kind).toBe("failed");
});
