// Polls in v1: sent, voted in by us and by others, and told.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRIEND, Mac, SELF } from "./mac.ts";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
  mac.arrive({ text: "hello" });
});
afterEach(() => mac.destroy());

async function ask(method: string, params: object, ...options: string[]) {
  return mac.session(...options).call(method, params);
}

async function result(method: string, params: object): Promise<Record<string, unknown>> {
  const answer = await ask(method, params, "--bridge");
  expect(answer.error).toBeUndefined();
  return answer.result ?? {};
}

async function newest(): Promise<Record<string, unknown> | undefined> {
  const { messages } = await result("messages.history", { chat_id: 1, limit: 1, attachments: true });
  return (messages as Record<string, unknown>[])[0];
}

describe("polls", () => {
  const make = (extra: object = {}) =>
    result("poll.send", { chat_id: 1, question: "Dinner?", options: ["Pizza", " Sushi "], ...extra });

  it("are sent with their question as a text behind them", async () => {
    const sent = await make();
    expect(sent).toMatchObject({
      ok: true,
      event: "imessage.poll.created",
      comment: { requested: true, sent: true, verified: true },
      poll: { question: "Dinner?", options: [{ text: "Pizza" }, { text: "Sushi" }] },
    });
    const { messages } = await result("messages.after", { since_rowid: 1 });
    expect(messages).toMatchObject([
      {
        guid: sent["guid"],
        is_from_me: true,
        poll: {
          kind: "created",
          poll_guid: sent["guid"],
          question: "Dinner?",
          options: (sent["poll"] as { options: object }).options,
          creator: SELF,
        },
      },
      { text: "Dinner?" },
    ]);
  });

  it("are sent without it when asked so", async () => {
    expect(await make({ suppress_comment: true })).toMatchObject({
      comment: { requested: false, sent: false },
    });
    expect(mac.query("SELECT COUNT(*) AS n FROM message")).toEqual([{ n: 2 }]);
    const { error } = await ask(
      "poll.send",
      { chat_id: 1, question: "?", options: ["a", "b"], comment: "c", suppress_comment: true },
      "--bridge",
    );
    expect(error?.code).toBe(-32602);
  });

  it.each([
    [{ options: ["a", "b"] }, "question is required"],
    [{ question: "?" }, "options is required"],
    [{ question: "?", options: ["a", " "] }, "at least two poll options are required"],
    [{ question: "?", options: ["a", 2] }, "options must be an array of strings"],
  ])("are refused: %j", async (params, data) => {
    const { error } = await ask("poll.send", { chat_id: 1, ...params }, "--bridge");
    expect(error).toMatchObject({ code: -32602, data });
  });

  it("are voted in by us, and votes taken back", async () => {
    const { guid, poll } = await make({ suppress_comment: true });
    const [pizza, sushi] = (poll as { options: { id: string }[] }).options;
    const vote = (method: string, chosen: object) =>
      result(method, { chat_id: 1, poll_guid: guid, ...chosen });
    expect(await vote("poll.vote", { option_index: 1 })).toMatchObject({
      event: "imessage.poll.voted",
      option_id: pizza?.id,
      option_text: "Pizza",
    });
    await vote("messages.poll.vote", { option: "sushi" });
    expect(await newest()).toMatchObject({
      text: "",
      poll: {
        kind: "vote",
        event: "imessage.poll.voted",
        poll_guid: guid,
        original_guid: guid,
        votes: [
          { option_id: pizza?.id, option_text: "Pizza", participant: SELF, event_type: "selected" },
          { option_id: sushi?.id, option_text: "Sushi" },
        ],
      },
    });
    expect(await vote("polls.unvote", { option_id: pizza?.id })).toMatchObject({
      event: "imessage.poll.unvoted",
      remaining_option_ids: [sushi?.id],
    });
    const again = await ask("poll.unvote", { chat_id: 1, poll_guid: guid, option: "Pizza" }, "--bridge");
    expect(again.error).toMatchObject({
      code: -32602,
      data: `option_id ${pizza?.id} is not currently selected`,
    });
  });

  it.each([
    [{ option_index: 3 }, "option_index 3 is not an option of poll"],
    [{ option: "Tacos" }, "option Tacos is not an option of poll"],
    [{}, "exactly one of option_id, option_index, or option is required"],
    [{ option: "Pizza", option_index: 1 }, "exactly one of option_id, option_index, or option is required"],
    [{ option: "Pizza", poll_guid: "none" }, "poll none not found or not decodable"],
  ])("refuse a vote for %j", async (params, data) => {
    const { guid } = await make({ suppress_comment: true });
    const { error } = await ask("poll.vote", { chat_id: 1, poll_guid: guid, ...params }, "--bridge");
    expect(error).toMatchObject({ code: -32602, data: expect.stringContaining(data) });
  });

  it("are voted in by others, which a watch tells", async () => {
    const { guid } = await make({ suppress_comment: true });
    const child = mac.session("--bridge");
    await child.call("watch.subscribe", { debounce_ms: 0 });
    const argv = ["vote", "--db", mac.db, "--poll", String(guid), "--from", FRIEND, "--option"];
    expect(await mac.run(...argv, "pizza")).toMatchObject({ code: 0 });
    const notified = await child.find(({ method }) => method === "message");
    expect(notified.params?.["message"]).toMatchObject({
      sender: FRIEND,
      poll: { kind: "vote", votes: [{ option_text: "Pizza", participant: FRIEND }] },
    });
    expect(await mac.run(...argv, "Tacos")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Use one of: Pizza, Sushi."),
    });
    await mac.run(...argv, "pizza", "--remove");
    expect((await newest())?.["poll"]).not.toHaveProperty("votes");
  });
});
