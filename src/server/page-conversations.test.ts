import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, settings } from "../../test/control/running-world.ts";
import { ANNA, BERT, HOME, MINUTE } from "../../test/contracts/store-world.ts";
import { errorOf, PageWorld, type Browser } from "../../test/server/page-world.ts";
import type { Handle } from "../model/handle.ts";
import type { ConversationAnswer, ConversationItem, DoneAnswer, Page, TimelineRow } from "./api.ts";

let page: PageWorld;
let browser: Browser;
beforeEach(async () => {
  page = await PageWorld.create();
  browser = await page.browser();
});
afterEach(async () => page.remove());

/** What the flows would do. */
const play = () => page.running.world;

describe("conversations", () => {
  test("are listed, searched, and shown with their people", async () => {
    await play().waits(ANNA, "hello");
    await play().asks(BERT, "BBBB2222");
    const { items } = await browser.json<Page<ConversationItem>>("/api/conversations");
    expect(items).toMatchObject([
      { peer: BERT, lastText: `hello from ${BERT}` },
      { peer: ANNA, waiting: 1 },
    ]);
    const found = await browser.json<Page<ConversationItem>>(
      `/api/conversations?search=${encodeURIComponent(ANNA)}`,
    );
    expect(found.items).toHaveLength(1);
    const shown = await browser.json<ConversationAnswer>(`/api/conversations/${items[0]?.id}`);
    expect(shown.people).toEqual([{ handle: BERT, access: "asked" }]);
    expect(shown.agent.id).toBe("main");
  });

  test.each(["0", "99", "x", "1.5", "-1", "99999999999999999999", "1%27"])("%s is none", async (id) => {
    for (const path of ["", "/timeline"]) {
      const response = await browser.ask(`/api/conversations/${id}${path}`);
      expect([response.status, (await errorOf(response)).code]).toEqual([404, "conversation/unknown"]);
    }
    for (const act of ["stop", "new-session", "mute", "allow", "block", "send"]) {
      const body = { text: "x", muted: true, handle: ANNA };
      expect((await browser.ask(`/api/conversations/${id}/${act}`, body)).status).toBe(404);
    }
  });

  test("have a timeline with verdicts, paged", async () => {
    const id = await play().waits(ANNA, "one");
    await play().decide([play().message(ANNA, "two")], {
      outcome: { kind: "ignore", code: "dm.not-allowed", because: "nobody lets them", fix: "Add them" },
    });
    const first = await browser.json<Page<TimelineRow>>(`/api/conversations/${id}/timeline?limit=1`);
    expect(first.items).toMatchObject([
      {
        kind: "message",
        text: "two",
        verdict: { code: "dm.not-allowed", because: "nobody lets them", fix: "Add them" },
      },
    ]);
    const rest = await browser.json<Page<TimelineRow>>(
      `/api/conversations/${id}/timeline?before=${encodeURIComponent(first.next ?? "")}`,
    );
    expect(rest).toMatchObject({ items: [{ text: "one", verdict: { outcome: "turn" } }] });
    expect(rest.next).toBeUndefined();
  });

  test.each(["x", "1.message", "1.message.x'", "1.other.1", "9".repeat(40)])(
    "there is no place %s",
    async (before) => {
      const id = await play().waits(ANNA, "one");
      const response = await browser.ask(
        `/api/conversations/${id}/timeline?before=${encodeURIComponent(before)}`,
      );
      expect([response.status, (await errorOf(response)).code]).toEqual([400, "cli/usage"]);
    },
  );

  test("are written in, as ours, by text alone", async () => {
    const id = await play().waits(ANNA, "one");
    const { partIds } = await browser.json<{ partIds: number[] }>(`/api/conversations/${id}/send`, {
      text: "hi there",
    });
    const [sent] = await play().claim();
    expect(sent).toMatchObject({ id: partIds[0], text: "hi there", origin: "send", conversationId: id });
    const file = { target: ANNA, account: HOME, text: "x", file: "/etc/passwd" };
    const refused = await browser.ask("/api/send", file);
    expect([refused.status, (await errorOf(refused)).message]).toEqual([
      403,
      "The page cannot send files from the gateway's disk.",
    ]);
    expect(page.running.taken).toEqual([]);
  });

  test("are stopped, and the agent that runs there is ended", async () => {
    const turn = await play().begin(await play().waits(ANNA, "one"));
    const { done } = await browser.json<DoneAnswer>(`/api/conversations/${turn.conversationId}/stop`, {});
    expect(done).toBe("Stopped");
    expect(page.running.ended).toEqual([turn.id]);
    const again = await browser.json<DoneAnswer>(`/api/conversations/${turn.conversationId}/stop`, {});
    expect(again.done).toBe("Nothing was running");
  });

  test("get a new session", async () => {
    const turn = await play().begin(await play().waits(ANNA, "one"));
    await browser.json(`/api/conversations/${turn.conversationId}/new-session`, {});
    const session = await play().store.sessions.show(turn.sessionKey, 1);
    expect(session?.sessionId).not.toBe(turn.sessionId);
    const silent = await play().decide([play().message(BERT, "x")], {
      outcome: { kind: "ignore", code: "dm.disabled", because: "", fix: "" },
    });
    const id = silent[0]?.entry.conversationId;
    expect((await browser.ask(`/api/conversations/${id}/new-session`, {})).status).toBe(404);
  });

  test("are muted and unmuted", async () => {
    const id = await play().waits(ANNA, "one");
    const muted = async () =>
      (await browser.json<ConversationAnswer>(`/api/conversations/${id}`)).conversation.isMuted;
    await browser.json(`/api/conversations/${id}/mute`, { muted: true });
    expect(await muted()).toBe(true);
    await browser.json(`/api/conversations/${id}/mute`, { muted: false });
    expect(await muted()).toBe(false);
    expect((await browser.ask(`/api/conversations/${id}/mute`, { muted: "yes" })).status).toBe(400);
  });

  test("let a sender in by a pairing where the account pairs, and shut them out again", async () => {
    const { entry } = (await play().asks(ANNA, "AAAA2222"))[0] ?? {};
    const path = `/api/conversations/${entry?.conversationId}`;
    const { done } = await browser.json<DoneAnswer>(`${path}/allow`, { handle: ANNA });
    expect(done).toBe(`${ANNA} is let in; 1 held message will be answered`);
    expect(await play().store.pairings.approved()).toMatchObject([{ handle: ANNA }]);
    await browser.json(`${path}/allow`, { handle: BERT });
    expect(await play().store.pairings.approved()).toHaveLength(2);
    await browser.json(`${path}/block`, { handle: ANNA });
    expect((await play().store.pairings.approved()).map(({ handle }) => handle)).toEqual([BERT]);
  });

  test("let a sender in by the config elsewhere, and make no owner by it", async () => {
    const owner = "+15550000009" as Handle;
    page.configure(`{ channels: { imessage: { dmPolicy: "allowlist", allowFrom: ["${owner}"] } } } // mine`);
    page.running.settingsInForce = settings([
      account(HOME, {
        dmPolicy: "allowlist",
        allowFrom: [{ kind: "handle", handle: owner }],
        owners: [owner],
      }),
    ]);
    const id = await play().waits(ANNA, "one");
    await browser.json(`/api/conversations/${id}/allow`, { handle: ANNA });
    const text = readFileSync(page.surroundingsFile, "utf8");
    expect(text).toContain(`allowFrom: ["${owner}", "${ANNA}"]`);
    expect(text).toMatch(/ownerAllowFrom: \["\+15550000009"\]/);
    expect(text).toContain("// mine");
    const refused = await browser.ask(`/api/conversations/${id}/block`, { handle: owner });
    expect(refused.status).toBe(400);
  });

  test.each(["", "nobody", "+1", "a@b@c", "*", "+1555000000๑"])("%j is nobody to let in", async (handle) => {
    const id = await play().waits(ANNA, "one");
    expect((await browser.ask(`/api/conversations/${id}/allow`, { handle })).status).toBe(400);
    expect(await play().store.pairings.approved()).toEqual([]);
  });
});

describe("hostile and long texts", () => {
  const HOSTILE = `<img src=x onerror=alert(1)>\u202e\u0000\u001b]0;x\u0007${"𝕏".repeat(300_000)}`;

  test("are clipped between characters, and no answer is larger than a phone takes", async () => {
    const id = await play().waits(ANNA, "hi");
    for (let n = 0; n < 60; n += 1) {
      play().nowMs += MINUTE;
      await play().decide([
        play().message(ANNA, n % 10 === 0 ? HOSTILE : `${n} ${"ü".repeat(3000)}`, {
          senderName: HOSTILE.slice(0, 3000),
          chatName: HOSTILE.slice(0, 3000),
        }),
      ]);
    }
    for (const path of [
      "/api/conversations",
      `/api/conversations/${id}`,
      `/api/conversations/${id}/timeline`,
      "/api/log",
      "/api/inbox",
      "/api/home",
    ]) {
      const text = await (await browser.ask(path)).text();
      expect([path, Buffer.byteLength(text) <= 200_000]).toEqual([path, true]);
      expect(text.isWellFormed()).toBe(true);
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    }
    let seen = 0;
    for (let before: string | undefined; ;) {
      const query = before === undefined ? "" : `?before=${before}`;
      const { items, next } = await browser.json<Page<TimelineRow>>(
        `/api/conversations/${id}/timeline${query}`,
      );
      seen += items.length;
      before = next;
      if (before === undefined) break;
    }
    expect(seen).toBe(61);
  });
});
