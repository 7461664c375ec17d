// The status report as text: one block an account, warnings with their remedies at the end.
import type { AccountProbe } from "../control/status/probe.ts";
import { isOpening } from "../control/status/opening.ts";
import { renderSpan } from "../control/span.ts";
import type { AccountStatus, StatusReport } from "../control/status/status.ts";
import type { StatusWarning } from "../control/status/warnings.ts";
import type { AccountHealth } from "../model/ports.ts";
import { oneLine, renderTime } from "./table.ts";

/** Renders a report. */
export function renderStatus(report: StatusReport, nowMs: number): string {
  const accounts =
    report.accounts.length === 0
      ? ["No imessage account is configured."]
      : report.accounts.map((account) => renderAccount(account, nowMs));
  const warnings = [
    ...configWarnings(report),
    ...report.warnings.map((warning) => renderWarning(warning)),
    ...report.accounts.flatMap((account) =>
      account.warnings.map((warning) => renderWarning(warning, account.id)),
    ),
  ];
  const gateway = renderGateway(report, nowMs);
  const end = warnings.length === 0 ? [] : [["Warnings:", ...warnings].join("\n")];
  return [...gateway, ...accounts, ...end].join("\n\n");
}

function renderGateway({ gateway }: StatusReport, nowMs: number): string[] {
  if (!gateway.running) return [];
  const { version, pid, startedAtMs } = gateway;
  return [`Gateway ${version} runs (process ${pid}, for ${renderSpan(nowMs - startedAtMs)}).`];
}

function configWarnings({ gateway }: StatusReport): string[] {
  if (!gateway.running || gateway.configError === undefined) return [];
  const { message, hint } = gateway.configError;
  return [renderWarning({ message: `The config file is not in force: ${message}`, hint })];
}

function renderWarning({ message, hint }: StatusWarning, accountId?: string): string {
  const whose = accountId === undefined ? "" : `${accountId}: `;
  return `  - ${oneLine(`${whose}${message}`)}\n    ${oneLine(hint)}`;
}

function renderAccount(account: AccountStatus, nowMs: number): string {
  const name = account.name === account.id ? "" : ` (${oneLine(account.name)})`;
  const lines: (readonly [label: string, text: string])[] = [
    ...transportLines(account),
    ...healthLines(account.health, nowMs),
    ...figureLines(account, nowMs),
    ...budgetLines(account),
    ...unansweredLines(account),
    ...policyLines(account),
  ];
  const body = lines.map(([label, text]) => `  ${label.padEnd(10)} ${oneLine(text)}`);
  return [`${account.id}${name}: ${account.state}`, ...body].join("\n");
}

type Lines = (readonly [label: string, text: string])[];

function transportLines({ transport, health }: AccountStatus): Lines {
  if (transport === undefined) return [];
  const database = transport.dbPath === undefined ? "" : `, database ${transport.dbPath}`;
  const version = health?.version === undefined ? "" : `, imsg ${health.version}`;
  const dialect = health?.dialect === undefined ? "" : ` (${health.dialect})`;
  return [
    ["transport", transport.reach],
    ["program", `${transport.cliPath}${database}${version}${dialect}`],
  ];
}

function healthLines(health: AccountHealth | undefined, nowMs: number): Lines {
  if (health === undefined) return [];
  const { reading, watching, sending } = health;
  const child = ({ state, reason, restarts }: AccountHealth["sending"]): string => {
    const because = reason === undefined || state === "ready" ? "" : `: ${reason}`;
    return `${state}${because}${restarts === 0 ? "" : `, restarted ${restarts} times`}`;
  };
  const last =
    watching.lastEventAtMs === undefined
      ? "no message seen yet"
      : `last message ${renderSpan(nowMs - watching.lastEventAtMs)} ago`;
  const because = watching.reason === undefined ? "" : `: ${watching.reason}`;
  const trouble = isOpening(health) ? "starting" : `not ok${because}`;
  return [
    ["reading", child(reading)],
    ["watching", `${watching.ok ? "ok" : trouble}, ${last}`],
    ["sending", child(sending)],
  ];
}

function figureLines({ figures, health, state }: AccountStatus, nowMs: number): Lines {
  if (state === "disabled") return [];
  if (figures === undefined) return [["figures", "none without a state database"]];
  const { head = 0 } = health?.watching ?? {};
  // The head is looked up now and then: until then the cursor may be ahead of it.
  const ofHead = head > (figures.cursor ?? 0) ? ` of ${head}` : "";
  const { waiting, held, running, interrupted, queued, unknown, parked } = figures;
  const turns = interrupted === 0 ? `${running} running` : `${interrupted} to be run again`;
  const last = (what: string, atMs: number | undefined): string =>
    atMs === undefined
      ? `never ${what}`
      : `last ${what} ${renderTime(atMs)} (${renderSpan(nowMs - atMs)} ago)`;
  return [
    ["cursor", figures.cursor === undefined ? "not started yet" : `row ${figures.cursor}${ofHead}`],
    ["inbound", `${waiting} waiting, ${held} held, ${turns}; ${last("received", figures.lastReceivedAtMs)}`],
    [
      "outbound",
      `${queued} queued, ${unknown} unknown, ${parked} parked; ${last("sent", figures.lastSentAtMs)}`,
    ],
  ];
}

function policyLines({ policy, groups, allowTo }: AccountStatus): Lines {
  const lines: Lines = [];
  if (policy !== undefined) lines.push(["who", `${policy.dmPolicy}: ${policy.summary}`]);
  if (groups !== undefined) lines.push(["groups", `${groups.groupPolicy}: ${groups.summary}`]);
  if (allowTo !== undefined)
    lines.push(["sends to", allowTo.length === 0 ? "nobody" : `${allowTo.join(", ")} only`]);
  return lines;
}

function budgetLines({ sendBudget }: AccountStatus): Lines {
  if (sendBudget === undefined) return [];
  const { lastMinute, perMinute, lastHour, perHour, isHolding } = sendBudget;
  const wait = isHolding ? "; messages wait for it" : "";
  const minute = `${lastMinute} ${lastMinute === 1 ? "send" : "sends"} in the last minute (limit ${perMinute})`;
  return [["budget", `${minute}, ${lastHour} in the last hour (limit ${perHour})${wait}`]];
}

/** What was not answered lately, the most frequent reason first. */
function unansweredLines({ unanswered }: AccountStatus): Lines {
  const codes = Object.entries(unanswered).toSorted(([, one], [, other]) => other - one);
  if (codes.length === 0) return [];
  const counts = codes.map(([code, count]) => `${code} ${count}`).join(", ");
  return [["unanswered", `${counts} (last day; \`coderclaw explain ROWID\` says why)`]];
}

/** Renders what probing gave: one line a check, the fix under it. */
export function renderProbes(probes: readonly AccountProbe[]): string {
  if (probes.length === 0) return "Probe: no account to probe.";
  return probes.map(renderProbe).join("\n\n");
}

function renderProbe({ accountId, verdicts }: AccountProbe): string {
  const lines = verdicts.flatMap(({ check, ok, detail, fix }) => [
    `  ${ok ? "ok    " : "FAILED"} ${check.padEnd(9)} ${oneLine(detail)}`,
    ...(fix === undefined ? [] : [`         ${oneLine(`Fix: ${fix}`)}`]),
  ]);
  return [`Probe of ${accountId}:`, ...lines].join("\n");
}
