import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { account, HEALTHY, settings } from "../../test/control/running-world.ts";
import { KeyedQueue } from "../lib/keyed-queue.ts";
import { openLog, type RootLog } from "../lib/log.ts";
import { FLOW_TIMING } from "../flow/frame.ts";
import { GatewayError } from "../model/errors.ts";
import { asId, type AccountId } from "../model/ids.ts";
import type { Messages } from "../model/ports.ts";
import type { AccountSettings, Settings } from "../model/settings.ts";
import type { Store } from "../model/store.ts";
import { openStore } from "../store/open.ts";
import type { AccountParts } from "./account.ts";
import { Accounts } from "./accounts.ts";
import type { Parts } from "./build.ts";
import { openEarly } from "./open-early.ts";

const HOME = asId<AccountId>("home");
const WORK = asId<AccountId>("work");
const NOTHING_EARLY = new Map();

let folder: string;
let store: Store;
let accounts: Accounts | undefined;
/** Programs whose Messages database somebody has the lease of. */
let taken: Set<string>;
/** What happened to whose imsg. */
let events: string[];
/** Accounts whose imsg does not end. */
let stuck: Map<string, Promise<void>>;
let lines: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "accounts-"));
  store = await openStore({ path: join(folder, "state.db"), clock: { now: () => Date.now() } });
  [taken, events, stuck, lines, accounts] = [new Set(), [], new Map(), [], undefined];
});
afterEach(async () => {
  await accounts?.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

function configured(...list: readonly AccountSettings[]): Settings {
  return settings(list);
}

function on(id: AccountId, cliPath: string): AccountSettings {
  return account(id, {
    transport: { cliPath, dbPath: undefined, probeTimeoutMs: 1000, reach: { kind: "local" } },
  });
}

function messages({ id, transport }: AccountSettings): Messages {
  const end = `${id} ${transport.cliPath}`;
  return {
    accountId: id,
    open: () => events.push(`open ${end}`),
    close: async () => {
      await stuck.get(id);
      events.push(`close ${end}`);
    },
    health: () => HEALTHY,
  } as unknown as Messages;
}

function make(inForce: Settings): Accounts {
  const write = (line: string): number => lines.push(line);
  const log: RootLog = openLog({ threshold: "info", secrets: [], terminal: { write }, now: () => 0 });
  const parts = {
    takeAccountLease: ({ cliPath }: AccountSettings["transport"]) => {
      if (taken.has(cliPath))
        throw new GatewayError("gateway/already-running", `${cliPath} is taken`, { hint: "Stop it." });
      taken.add(cliPath);
      return {
        close: () => {
          taken.delete(cliPath);
          events.push(`lease of ${cliPath} given back`);
        },
      };
    },
    openMessages: (one: AccountSettings) => openEarly(messages(one), 0),
    endStrayChildren: async () => {},
  } as unknown as Parts;
  const shared: AccountParts = {
    store,
    media: { take: async () => [], release: () => {} },
    filesOut: {
      folderPath: "/media",
      outgoing: async () => Promise.reject(new Error("no file was named")),
      keep: async () => Promise.reject(new Error("nothing was to be kept")),
    },
    operations: async () => Promise.reject(new Error("no command was given")),
    clock: { now: () => Date.now() },
    observer: { step: () => {} },
    log,
    timing: FLOW_TIMING,
    queue: new KeyedQueue(4),
    agent: () => undefined,
    onHealth: () => {},
  };
  accounts = new Accounts(inForce, parts, shared);
  return accounts;
}

function running(): readonly string[] {
  return accounts?.all().map((one) => one.settings.id) ?? [];
}

test("one that cannot be started leaves the others alone, says why, and is started by the next change", async () => {
  const both = configured(on(HOME, "imsg-home"), on(WORK, "imsg-work"));
  taken.add("imsg-work");
  const made = make(both);
  await made.start(NOTHING_EARLY);
  expect(running()).toEqual([HOME]);
  expect([made.failure(HOME), made.failure(WORK)?.message]).toEqual([undefined, "imsg-work is taken"]);
  expect(lines.join("")).toContain("imsg-work is taken");
  taken.delete("imsg-work");
  await made.apply(both);
  expect([running(), made.failure(WORK)]).toEqual([[HOME, WORK], undefined]);
  expect(events).toEqual(["open home imsg-home", "open work imsg-work"]);
});

test("none that can be started: the first failure, and what was opened early is ended", async () => {
  const only = on(HOME, "imsg-home");
  taken.add("imsg-home");
  const made = make(configured(only));
  const early = new Map([[HOME, openEarly(messages(only), 0)]]);
  await expect(made.start(early)).rejects.toThrow("imsg-home is taken");
  expect(events).toEqual(["open home imsg-home", "close home imsg-home"]);
});

test("only an account whose transport changed is restarted; the others go by the new settings at once", async () => {
  const made = make(configured(on(HOME, "a"), on(WORK, "b")));
  await made.start(NOTHING_EARLY);
  events = [];
  const home = { ...on(HOME, "a"), responsePrefix: "bot: " };
  const applied = made.apply(configured(home, on(WORK, "c")));
  expect(made.get(HOME)?.settings.responsePrefix).toBe("bot: ");
  await applied;
  expect(events).toEqual(["close work b", "lease of b given back", "open work c"]);
  expect(running()).toEqual([HOME, WORK]);
});

test("an imsg that does not end holds up the restart of its own account only", async () => {
  const made = make(configured(on(HOME, "a"), on(WORK, "b")));
  await made.start(NOTHING_EARLY);
  events = [];
  const gate = Promise.withResolvers<void>();
  stuck.set(HOME, gate.promise);
  const applied = made.apply(configured(on(HOME, "a2"), on(WORK, "b2")));
  await expect.poll(() => events).toContain("close work b");
  await expect.poll(() => events).toContain("open work b2");
  gate.resolve();
  await applied;
  expect(events.slice(-3)).toEqual(["close home a", "lease of a given back", "open home a2"]);
});

test("accounts may change places", async () => {
  const made = make(configured(on(HOME, "a"), on(WORK, "b")));
  await made.start(NOTHING_EARLY);
  await made.apply(configured(on(HOME, "b"), on(WORK, "a")));
  expect(running().toSorted()).toEqual([HOME, WORK]);
});

test("an account that is gone from the configuration is ended, its failure forgotten", async () => {
  taken.add("b");
  const made = make(configured(on(HOME, "a"), on(WORK, "b")));
  await made.start(NOTHING_EARLY);
  await made.apply(configured(on(HOME, "a")));
  expect(made.failure(WORK)).toBeUndefined();
  await made.apply(configured());
  expect(running()).toEqual([]);
});

test("one that is restarted, however often at once, ends first and gives its database back; others go on", async () => {
  const made = make(configured(on(HOME, "imsg-home"), on(WORK, "imsg-work")));
  await made.start(NOTHING_EARLY);
  events = [];
  expect(await Promise.all([made.restart(HOME), made.restart(HOME)])).toEqual([true, true]);
  expect(events).toEqual(["close home imsg-home", "lease of imsg-home given back", "open home imsg-home"]);
  expect(running().toSorted((one, other) => one.localeCompare(other))).toEqual([HOME, WORK]);
  expect(await made.restart(asId<AccountId>("nobody"))).toBe(false);
});
