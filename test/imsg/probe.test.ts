// The probe against programs and databases that are wrong in every way, and against those that are well.
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { probe, type ProbeVerdict } from "../../src/imsg/probe.ts";
import { DIALECTS, Mac } from "./mac.ts";

const TIMEOUT_MS = 5_000;

function summary(verdicts: readonly ProbeVerdict[]): string[] {
  return verdicts.map(({ check, ok }) => `${check} ${ok ? "ok" : "failed"}`);
}

describe.each(DIALECTS)("%s", (dialect) => {
  it("is well", async () => {
    await using mac = await Mac.create(dialect);
    const verdicts = await probe(mac.transport);
    expect(summary(verdicts)).toEqual(["program ok", "rpc ok", "database ok", "watch ok"]);
    expect(verdicts.every(({ fix }) => fix === undefined)).toBe(true);
  });

  it("names Full Disk Access when the database cannot be read", async () => {
    await using mac = await Mac.create(dialect);
    await writeFile(`${mac.dir}/none.db`, "this is no database, and long enough to be looked at by SQLite");
    for (const dbPath of [`${mac.dir}/nowhere/chat.db`, `${mac.dir}/none.db`]) {
      const verdicts = await probe({ ...mac.transport, dbPath });
      expect(summary(verdicts)).toEqual(["program ok", "rpc ok", "database failed"]);
      expect(verdicts.at(-1)?.fix).toContain("Full Disk Access");
      expect(verdicts.at(-1)?.detail).not.toBe("");
    }
  });

  it("says that the watch is refused", async () => {
    await using mac = await Mac.create(dialect);
    await mac.setFaults({ fault: "hang", method: "watch.subscribe" });
    const verdicts = await probe({ ...mac.transport, probeTimeoutMs: TIMEOUT_MS });
    expect(summary(verdicts)).toEqual(["program ok", "rpc ok", "database ok", "watch failed"]);
  });
});

describe("a program", () => {
  it.each([
    ["that is not on PATH", undefined, "imsg not found (imsg-that-nobody-has)"],
    ["that may not be executed", ["echo hi", 0o644], /cannot be executed/u],
  ] as const)("%s", async (_what, file, detail) => {
    await using mac = await Mac.create("v1");
    const cliPath = file === undefined ? "imsg-that-nobody-has" : await mac.program("odd", ...file);
    const [verdict, ...rest] = await probe({ ...mac.transport, cliPath, probeTimeoutMs: TIMEOUT_MS });
    expect(rest).toEqual([]);
    expect(verdict).toMatchObject({ check: "program", ok: false });
    expect(verdict?.detail).toMatch(detail);
    expect(verdict?.fix).toBeTruthy();
  });

  it.each([
    [
      "that prints its help",
      "#!/bin/sh\necho 'imsg 0.3'; echo Usage",
      /does not support the "rpc" subcommand/u,
      /Update imsg/u,
    ],
    ["that says nothing", "#!/bin/sh\nexec sleep 60", /did not answer status within/u, /dialog/u],
    [
      "that says something else",
      "#!/bin/sh\nread line; echo Welcome; exec sleep 60",
      /no JSON-RPC: "Welcome"/u,
      /off the stdout/u,
    ],
    [
      "that ends at once",
      "#!/bin/sh\necho boom >&2; exit 7",
      "imsg ended (exit 7): boom",
      /Run `.*odd rpc` by hand/u,
    ],
  ])("%s", async (_what, text, detail, fix) => {
    await using mac = await Mac.create("v1");
    const cliPath = await mac.program("odd", text);
    const verdicts = await probe({ ...mac.transport, cliPath, probeTimeoutMs: 600 });
    expect(summary(verdicts)).toEqual(["program ok", "rpc failed"]);
    expect(verdicts[1]?.detail).toMatch(detail);
    expect(verdicts[1]?.fix).toMatch(fix);
  });
});
