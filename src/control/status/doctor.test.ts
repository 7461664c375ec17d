import { expect, test } from "vitest";
import { findingsOf, findingsOfProblems } from "./doctor.ts";
import type { StatusReport } from "./status.ts";

const WARNING = { message: "odd", hint: "Mend it." };
const BROKEN = { message: "not read", hint: "Probe.", isBroken: true } as const;

function report(changes: Partial<StatusReport>, warnings: readonly (typeof WARNING)[] = []): StatusReport {
  const gateway = { running: true, pid: 1, version: "1", startedAtMs: 1, configError: undefined } as const;
  return { gateway, accounts: [{ id: "home", warnings } as never], warnings: [], ...changes };
}

const probe = (ok: boolean) => [
  {
    accountId: "home" as never,
    ok,
    verdicts: [
      { check: "program", ok: true, detail: "there", fix: undefined },
      { check: "rpc", ok, detail: "silent", fix: ok ? undefined : "Update imsg." },
    ],
  },
];

test("nothing is wrong", () => {
  expect(findingsOf(report({}), probe(true))).toEqual([]);
});

test("a failed check is broken, and stands for the health that suffers from it", () => {
  expect(findingsOf(report({}, [WARNING, BROKEN]), probe(false))).toEqual([
    { severity: "broken", where: "home", message: "rpc: silent", fix: "Update imsg." },
    { severity: "warning", where: "home", message: "odd", fix: "Mend it." },
  ]);
});

test("health that no check explains is broken by itself, and the worst comes first", () => {
  const findings = findingsOf(report({ warnings: [WARNING] }, [WARNING, BROKEN]), probe(true));
  expect(findings.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
    "broken not read",
    "warning odd",
    "warning odd",
  ]);
});

test("a config that is not in force is broken; a gateway that does not run is not", () => {
  const gateway = { running: true, pid: 1, version: "1", startedAtMs: 1, configError: WARNING } as const;
  expect(findingsOf(report({ gateway }), [])).toMatchObject([{ severity: "broken", fix: "Mend it." }]);
  expect(findingsOf(report({ gateway: { running: false } }), [])).toMatchObject([{ severity: "warning" }]);
});

test("problems of the file have their place", () => {
  const problem = { path: "a", message: "a is wrong", hint: "Mend a.", unsupported: false };
  const problems = [
    { ...problem, line: 3, column: 4 },
    { ...problem, line: 0, column: 0 },
  ];
  expect(findingsOfProblems("/c.json", problems)).toMatchObject([
    { severity: "broken", where: "/c.json:3:4", message: "a is wrong", fix: "Mend a." },
    { where: "/c.json" },
  ]);
});
