// Figures for Prometheus: counted from what the gateway does while it does it, and read off it when they are asked for.
import { stat } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { GatewayEvent, RunningGateway } from "../control/status/running.ts";

/** Seconds. */
const TURN_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200];
const SEND_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const DELAY_RESOLUTION_MS = 10;
/** Turns and sends that are under way: whatever never ends is forgotten. */
const MOST_UNDER_WAY = 10_000;

/** The figures of one gateway. */
export interface Metrics {
  readonly contentType: string;
  /** In Prometheus text form. */
  render(nowMs: number): Promise<string>;
  /** Stops counting. */
  close(): void;
}

/** Begins to count. Contract: no label ever holds a handle, a chat, or what anybody wrote. */
export function startMetrics(running: RunningGateway): Metrics {
  const registry = new Registry();
  const counts = makeCounters(registry);
  const gauges = makeGauges(registry);
  const loop = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  loop.enable();
  const turns = new UnderWay();
  const sends = new UnderWay();
  const unsubscribe = running.subscribe((event) => count(event, { counts, turns, sends }));
  return {
    contentType: registry.contentType,
    render: async (nowMs) => {
      await read(running, gauges, nowMs);
      gauges.loopMax.set(seconds(loop.max));
      gauges.loopP99.set(seconds(loop.percentile(99)));
      loop.reset();
      return registry.metrics();
    },
    close: () => {
      unsubscribe();
      loop.disable();
    },
  };
}

/** When what is under way began. */
class UnderWay {
  readonly #began = new Map<string | number, number>();

  begin(id: string | number, atMs: number): void {
    this.#began.set(id, atMs);
    for (const oldest of this.#began.keys()) {
      if (this.#began.size <= MOST_UNDER_WAY) break;
      this.#began.delete(oldest);
    }
  }

  /** How long it took, in seconds; undefined: its beginning was not seen. */
  end(id: string | number, atMs: number): number | undefined {
    const began = this.#began.get(id);
    this.#began.delete(id);
    return began === undefined ? undefined : Math.max(0, atMs - began) / 1000;
  }
}

interface Counting {
  readonly counts: ReturnType<typeof makeCounters>;
  readonly turns: UnderWay;
  readonly sends: UnderWay;
}

function count(event: GatewayEvent, { counts, turns, sends }: Counting): void {
  const { step, accountId: account, turnId, partId, agentId: agent = "", outcome = "", atMs } = event;
  if (step === "rows.decided") counts.messages.inc({ account, code: outcome });
  if (step === "turn.begun" && turnId !== undefined) turns.begin(turnId, atMs);
  if (step === "agent.answered" && turnId !== undefined) {
    counts.turns.inc({ agent, result: outcome });
    const took = turns.end(turnId, atMs);
    if (took !== undefined) counts.turnSeconds.observe({ agent }, took);
  }
  if (step === "part.claimed" && partId !== undefined) sends.begin(partId, atMs);
  if (step === "send.answered" && partId !== undefined) {
    counts.sends.inc({ account, result: outcome });
    const took = sends.end(partId, atMs);
    if (took !== undefined) counts.sendSeconds.observe({ account }, took);
  }
}

function makeCounters(registry: Registry) {
  const registers = [registry];
  return {
    messages: new Counter({
      name: "coderclaw_messages_total",
      help: "Messages decided about, by the code of the decision (turn, command, answer, or one of docs/troubleshooting.md).",
      labelNames: ["account", "code"],
      registers,
    }),
    turns: new Counter({
      name: "coderclaw_turns_total",
      help: "Turns of agents that ended, by result: answered, failed, stopped.",
      labelNames: ["agent", "result"],
      registers,
    }),
    turnSeconds: new Histogram({
      name: "coderclaw_turn_duration_seconds",
      help: "How long turns took, from their beginning to the agent's last word.",
      labelNames: ["agent"],
      buckets: TURN_BUCKETS,
      registers,
    }),
    sends: new Counter({
      name: "coderclaw_sends_total",
      help: "Attempts to send, by what imsg answered: sent, failed, unknown.",
      labelNames: ["account", "result"],
      registers,
    }),
    sendSeconds: new Histogram({
      name: "coderclaw_send_duration_seconds",
      help: "How long imsg took to answer an attempt to send.",
      labelNames: ["account"],
      buckets: SEND_BUCKETS,
      registers,
    }),
  };
}

function makeGauges(registry: Registry) {
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({ name: `coderclaw_${name}`, help, labelNames: [...labelNames], registers });
  const account = ["account"] as const;
  return {
    up: gauge("account_up", "1: the account runs, 0: it is configured and does not.", account),
    reading: gauge("account_reading", "1: its imsg reads the Messages database.", account),
    watching: gauge("account_watching", "1: new messages are seen as they come.", account),
    sending: gauge("account_sending", "1: messages can be sent.", account),
    lag: gauge("account_lag_rows", "Rows of the Messages database that are not in the journal yet.", account),
    restarts: gauge(
      "account_child_restarts",
      "Restarts of its imsg processes since the account was started.",
      ["account", "child"],
    ),
    waiting: gauge("messages_waiting", "Messages that wait for a turn.", account),
    running: gauge("turns_running", "Turns that run.", account),
    outbox: gauge("outbox_messages", "Messages on their way out, by state: queued, unknown, parked.", [
      "account",
      "state",
    ]),
    approvals: gauge("approvals_pending", "Questions of agents that wait for an answer."),
    oldestApproval: gauge(
      "approval_oldest_seconds",
      "How long the oldest question that waits has waited; 0: none waits.",
    ),
    pairings: gauge("pairings_pending", "Strangers who wait to be let in.", account),
    storeBytes: gauge("store_bytes", "Size of the state database, its write-ahead log included."),
    loopMax: gauge("event_loop_delay_max_seconds", "Longest delay of the event loop since the last scrape."),
    loopP99: gauge("event_loop_delay_p99_seconds", "99th percentile of it since the last scrape."),
    started: gauge("start_time_seconds", "When the gateway was started, in Unix time."),
    info: gauge("info", "1, with the version as label.", ["version"]),
  };
}

/** Questions looked at for the oldest one; more wait only where something is very wrong. */
const MOST_APPROVALS = 1000;

async function read(
  running: RunningGateway,
  gauges: ReturnType<typeof makeGauges>,
  nowMs: number,
): Promise<void> {
  const { store, startedAtMs, version } = running;
  const { accounts, storePath } = running.settings();
  // What is no longer configured is no longer told.
  for (const one of Object.values(gauges)) one.reset();
  await Promise.all(accounts.map(async ({ id }) => readAccount(running, gauges, { account: id, nowMs })));
  const approvals = await store.views.pendingApprovals(nowMs, MOST_APPROVALS);
  const oldestMs = Math.min(nowMs, ...approvals.map(({ record }) => record.askedAtMs));
  gauges.approvals.set(approvals.length);
  gauges.oldestApproval.set(Math.max(0, nowMs - oldestMs) / 1000);
  gauges.storeBytes.set(await sizeOf([storePath, `${storePath}-wal`]));
  gauges.started.set(startedAtMs / 1000);
  gauges.info.set({ version }, 1);
}

async function readAccount(
  running: RunningGateway,
  gauges: ReturnType<typeof makeGauges>,
  { account, nowMs }: { readonly account: string; readonly nowMs: number },
): Promise<void> {
  const one = running.accounts().find(({ settings }) => settings.id === account);
  const configured = running.settings().accounts.find(({ id }) => id === account);
  if (configured === undefined) return;
  const overview = await running.store.records.overview(configured.id, nowMs);
  const health = one?.health;
  const label = { account };
  gauges.up.set(label, health === undefined ? 0 : 1);
  gauges.reading.set(label, health?.reading.state === "ready" ? 1 : 0);
  gauges.watching.set(label, health?.watching.ok === true ? 1 : 0);
  gauges.sending.set(label, health?.sending.state === "ready" ? 1 : 0);
  if (health?.watching.head !== undefined && overview.position !== undefined)
    gauges.lag.set(label, Math.max(0, health.watching.head - overview.position.cursor));
  gauges.restarts.set({ account, child: "reading" }, health?.reading.restarts ?? 0);
  gauges.restarts.set({ account, child: "sending" }, health?.sending.restarts ?? 0);
  gauges.waiting.set(label, overview.waiting);
  gauges.running.set(label, overview.running);
  gauges.outbox.set({ account, state: "queued" }, overview.queued);
  gauges.outbox.set({ account, state: "unknown" }, overview.unknown);
  gauges.outbox.set({ account, state: "parked" }, overview.parked);
  gauges.pairings.set(label, overview.pendingPairings);
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map(async (file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Of nanoseconds; nothing measured yet is no delay. */
function seconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0;
}
