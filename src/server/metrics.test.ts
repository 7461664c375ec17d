import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, HEALTHY, settings } from "../../test/control/running-world.ts";
import { ANNA, HOME, MINUTE, part, WORK } from "../../test/contracts/store-world.ts";
import { PageWorld, TOKEN } from "../../test/server/page-world.ts";
import type { GatewayEvent } from "../control/status/running.ts";

const METRICS_TOKEN = "a-token-for-figures-only";

let page: PageWorld;
beforeEach(async () => {
  page = await PageWorld.create();
});
afterEach(async () => page.remove());

function switchOn(): void {
  const { gateway } = page.running.settingsInForce;
  page.running.settingsInForce = settings([account(HOME), account(WORK)], {
    gateway: { ...gateway, metricsToken: METRICS_TOKEN },
  });
}

async function ask(token: string): Promise<Response> {
  return page.ask("/metrics", { headers: token === "" ? {} : { authorization: `Bearer ${token}` } });
}

/** The figures by name and labels. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const text = await (await ask(METRICS_TOKEN)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" ") + 1)),
    ]),
  );
}

function happens(event: Omit<GatewayEvent, "seq" | "atMs">, afterMs = 0): void {
  page.running.world.nowMs += afterMs;
  page.running.emit(event);
}

describe("who may read them", () => {
  test("nobody, where no token is set", async () => {
    expect((await ask(METRICS_TOKEN)).status).toBe(404);
    expect((await ask(TOKEN)).status).toBe(404);
    expect(page.running.listeners.size).toBe(0);
  });

  test.each(["", "wrong", METRICS_TOKEN.slice(1), TOKEN])("not with the token %j", async (token) => {
    switchOn();
    const response = await ask(token);
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain("coderclaw_");
  });

  test("its own token, which opens nothing else", async () => {
    switchOn();
    const response = await ask(METRICS_TOKEN);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    expect((await page.ask("/api/status", { headers })).status).toBe(401);
  });
});

describe("they tell", () => {
  beforeEach(async () => {
    switchOn();
    await ask(METRICS_TOKEN);
  });

  test("how each account is", async () => {
    page.running.health = {
      ...HEALTHY,
      reading: { state: "ready", reason: undefined, restarts: 3 },
      watching: { ...HEALTHY.watching, ok: false, head: 120 },
    };
    const figures = await scrape();
    expect(figures.get('coderclaw_account_reading{account="home"}')).toBe(1);
    expect(figures.get('coderclaw_account_watching{account="home"}')).toBe(0);
    expect(figures.get('coderclaw_account_lag_rows{account="home"}')).toBe(20);
    expect(figures.get('coderclaw_account_child_restarts{account="home",child="reading"}')).toBe(3);
  });

  test("messages by code, turns and sends by result, with how long they took", async () => {
    happens({ step: "rows.decided", accountId: HOME, outcome: "turn" });
    happens({ step: "rows.decided", accountId: HOME, outcome: "dm.not-allowed" });
    const turn = { accountId: HOME, turnId: "t1" as never, agentId: "main" as never };
    happens({ step: "turn.begun", ...turn });
    happens({ step: "agent.answered", ...turn, outcome: "answered" }, 3000);
    happens({ step: "part.claimed", accountId: HOME, partId: 1 as never });
    happens({ step: "send.answered", accountId: HOME, partId: 1 as never, outcome: "unknown" }, 200);
    const figures = await scrape();
    expect(figures.get('coderclaw_messages_total{account="home",code="dm.not-allowed"}')).toBe(1);
    expect(figures.get('coderclaw_turns_total{agent="main",result="answered"}')).toBe(1);
    expect(figures.get('coderclaw_turn_duration_seconds_sum{agent="main"}')).toBe(3);
    expect(figures.get('coderclaw_turn_duration_seconds_bucket{le="2.5",agent="main"}')).toBe(0);
    expect(figures.get('coderclaw_turn_duration_seconds_bucket{le="5",agent="main"}')).toBe(1);
    expect(figures.get('coderclaw_sends_total{account="home",result="unknown"}')).toBe(1);
    expect(figures.get('coderclaw_send_duration_seconds_sum{account="home"}')).toBeCloseTo(0.2);
  });

  test("what waits and what is stuck", async () => {
    const world = page.running.world;
    await world.waits(ANNA, "hello");
    await world.store.outbox.add({ accountId: HOME, conversationId: undefined, parts: [part("hi")] }, 1);
    const [sent] = await world.claim();
    if (sent === undefined) throw new Error("nothing to send");
    await world.settle(sent, { state: "parked", reason: "no such chat" });
    const figures = await scrape();
    expect(figures.get('coderclaw_messages_waiting{account="home"}')).toBe(1);
    expect(figures.get('coderclaw_outbox_messages{account="home",state="parked"}')).toBe(1);
    expect(figures.get("coderclaw_approvals_pending")).toBe(0);
    expect(figures.get("coderclaw_approval_oldest_seconds")).toBe(0);
  });

  test("an account no longer, once it is not configured", async () => {
    expect((await scrape()).has('coderclaw_account_up{account="work"}')).toBe(true);
    const { gateway } = page.running.settingsInForce;
    page.running.settingsInForce = settings([account(HOME)], { gateway });
    expect((await scrape()).has('coderclaw_account_up{account="work"}')).toBe(false);
  });

  test("nobody's handle, chat or words", async () => {
    const world = page.running.world;
    await world.waits(ANNA, "a secret plan");
    happens({
      step: "rows.decided",
      accountId: HOME,
      outcome: "turn",
      guid: "GUID-101" as never,
      text: `from ${ANNA}`,
    });
    world.nowMs += MINUTE;
    const text = await (await ask(METRICS_TOKEN)).text();
    for (const word of [ANNA, ANNA.slice(1), "GUID-101", "secret plan"]) expect(text).not.toContain(word);
  });

  test("what never ends takes a bounded room", async () => {
    for (let n = 0; n < 12_000; n += 1)
      happens({ step: "turn.begun", accountId: HOME, turnId: `t${n}` as never, agentId: "main" as never });
    happens({
      step: "agent.answered",
      accountId: HOME,
      turnId: "t0" as never,
      agentId: "main" as never,
      outcome: "failed",
    });
    const figures = await scrape();
    expect(figures.get('coderclaw_turns_total{agent="main",result="failed"}')).toBe(1);
    expect(figures.get('coderclaw_turn_duration_seconds_count{agent="main"}') ?? 0).toBe(0);
  });
});

describe("what comes with the docs", () => {
  const read = (name: string): string =>
    readFileSync(new URL(`../../docs/metrics/${name}`, import.meta.url), "utf8");
  const named = (text: string): Set<string> =>
    new Set(
      [...text.matchAll(/\bcoderclaw_[a-z0-9_]+/g)].map(([name]) =>
        name.replace(/_(?:bucket|sum|count)$/, ""),
      ),
    );

  test.each(["grafana-dashboard.json", "alerts.yml", "../metrics.md"])(
    "%s names figures that there are",
    async (file) => {
      switchOn();
      const text = await (await ask(METRICS_TOKEN)).text();
      const there = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
      const asked = [...named(read(file))];
      expect(asked.length).toBeGreaterThan(3);
      expect(asked.filter((name) => !there.has(name))).toEqual([]);
    },
  );

  test("every figure is explained", async () => {
    switchOn();
    const text = await (await ask(METRICS_TOKEN)).text();
    const there = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? "");
    const page_ = read("../metrics.md");
    expect(there.filter((name) => !page_.includes(`\`${name}\``))).toEqual([]);
  });
});
