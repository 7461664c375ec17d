import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLog, type LogOptions, type RootLog } from "./log.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "coderclaw-log-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A log that keeps what it wrote. */
function open(options: Partial<LogOptions> & { hasColours?: boolean } = {}): {
  log: RootLog;
  lines: string[];
} {
  const lines: string[] = [];
  const { hasColours = false, ...rest } = options;
  const terminal = { write: (text: string) => lines.push(text), hasColours };
  return {
    log: openLog({ threshold: "info", secrets: [], terminal, now: () => NOW, ...rest }),
    lines,
  };
}

describe("readable lines", () => {
  test("hold time, level, account, message and facts", () => {
    const { log, lines } = open();
    log.child({ accountId: "work" }).warn("the watch is silent", { head: 12, reason: "no answer" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^2026-01-0\d \d\d:\d\d:05\.678 warn {2}\[work\] the watch is silent head=12 reason="no answer"\n$/,
    );
  });

  test("a fact that is undefined is left out", () => {
    const { log, lines } = open();
    log.info("started", { pid: undefined });
    expect(lines[0]).toMatch(/ info {2}started\n$/);
  });

  test("colour only at a terminal", () => {
    const plain = open();
    const colourful = open({ hasColours: true });
    plain.log.error("no");
    colourful.log.error("no");
    expect(plain.lines[0]).not.toContain("\u001b");
    expect(colourful.lines[0]).toContain("\u001b[31merror\u001b[0m");
  });

  test("levels below the threshold are left out, until it changes", () => {
    const { log, lines } = open({ threshold: "warn" });
    const child = log.child({ a: 1 });
    child.info("unseen");
    log.setThreshold("debug");
    child.debug("seen");
    log.setThreshold("silent");
    child.error("unseen");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("seen");
  });

  test("no text from outside ends the line or drives the terminal", () => {
    const { log, lines } = open();
    log.info("said\n2026-01-01 error forged", {
      text: "\u001b]0;title\u0007\r\u2028\u202e",
      "k\ney": "\u009b",
    });
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    expect(lines[0]).toContain("said\\n2026-01-01 error forged");
  });

  test("whatever is logged is one line without control characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.object(), (message, facts) => {
        const { log, lines } = open();
        log.info(message, { ...facts });
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/^[^\p{Cc}\u2028\u2029]*\n$/u);
      }),
      { numRuns: 50 },
    );
  });

  test("a terminal that is gone is no error", () => {
    const terminal = {
      write: () => {
        throw new Error("EPIPE");
      },
    };
    expect(() => open({ terminal }).log.info("hello")).not.toThrow();
  });
});

describe("secrets", () => {
  const secret = 'sk-"12\\34';

  test("are hidden wherever they stand, in both outputs", () => {
    const filePath = join(folder, "log.jsonl");
    const { log, lines } = open({ secrets: [secret, ""], filePath });
    log.info(`with ${secret} inside`, {
      deep: [{ text: `Bearer ${secret}!` }],
      [secret]: 1,
      cause: new Error(`refused ${secret}`, { cause: new Error(secret) }),
    });
    log.close();
    const written = lines.join("") + readFileSync(filePath, "utf8");
    for (const shape of [secret, JSON.stringify(secret).slice(1, -1)]) expect(written).not.toContain(shape);
    expect(lines[0]).toContain("with •••• inside");
    expect(lines[0]).toContain("refused ••••");
  });

  test.each(["token", "gatewayToken", "apiKey", "api_key", "API-KEY", "Authorization", "password"])(
    "the value under %s is hidden at any depth",
    (key) => {
      const { log, lines } = open();
      log.info("facts", { [key]: "hunter2", deep: { list: [{ [key]: { nested: "hunter2" } }] } });
      expect(lines[0]).not.toContain("hunter2");
    },
  );

  test("ordinary facts stay", () => {
    const { log, lines } = open();
    log.info("facts", { tokens: 12, keyword: "open" });
    expect(lines[0]).toContain("tokens=12 keyword=open");
  });

  test("new secrets count at once, in children too", () => {
    const { log, lines } = open();
    const child = log.child({});
    log.setSecrets(["new-secret"]);
    child.info("the new-secret");
    expect(lines[0]).toContain("the ••••\n");
  });

  test("what cannot be shown takes nothing with it", () => {
    const { log, lines } = open();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const trap = {
      get broken() {
        throw new Error("trap");
      },
    };
    log.info("circle", { circle, big: 10n, none: undefined, call: () => {} });
    log.info("trap", { trap });
    expect(lines[0]).toContain("big=10");
    expect(lines[1]).toMatch(/ trap facts="\(could not be shown: Error: trap\)"\n$/);
  });
});

describe("the file", () => {
  test("gets one JSON object a line", () => {
    const filePath = join(folder, "log.jsonl");
    const { log } = open({ filePath });
    log.child({ accountId: "work" }).info("two\nlines", { rows: 2, level: "forged", text: "\u009b" });
    log.close();
    log.info("after the end");
    const lines = readFileSync(filePath, "utf8").split("\n");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      time: "2026-01-02T03:04:05.678Z",
      level: "info",
      message: "two\nlines",
      accountId: "work",
      rows: 2,
      text: "\u009b",
    });
    expect(lines[0]).not.toContain("\u009b");
  });

  test("is private, also if it was not", () => {
    const filePath = join(folder, "log.jsonl");
    writeFileSync(filePath, "old\n");
    chmodSync(filePath, 0o644);
    const { log } = open({ filePath });
    log.close();
    expect(statSync(filePath).mode & 0o777).toBe(0o600);
    expect(readFileSync(filePath, "utf8")).toBe("old\n");
  });

  test("stacks are written under debug only", () => {
    const { log, lines } = open();
    log.error("failed", { cause: new Error("why") });
    log.setThreshold("debug");
    log.error("failed", { cause: new Error("why") });
    expect(lines[0]).not.toContain("log.test.ts");
    expect(lines[1]).toContain("log.test.ts");
  });
});
