// `/status`: whether this chat works, in five lines; what is going on inside for the owner only.
import type { CommandAnswer } from "../../model/command.ts";
import type { AccountHealth } from "../../model/ports.ts";
import type { SessionDetail } from "../../model/store.ts";
import { isOpening } from "../status/opening.ts";
import { renderSpan } from "../span.ts";
import { readStatus, type AccountStatus, type StatusReport } from "../status/status.ts";
import { isDirect, say, type Asked } from "./answer.ts";
import { tidy } from "./offered.ts";

/** `/status`. */
export async function status(asked: Asked): Promise<CommandAnswer> {
  const { command } = asked;
  const report = await readStatus(asked.running, asked.nowMs);
  const account = report.accounts.find((one) => one.id === command.accountId);
  const session = await asked.running.store.sessions.show(command.sessionKey, 1);
  return say(
    [
      `Agent: ${describeAgent(asked, session)}`,
      `Session: ${describeSession(session, asked.nowMs)}`,
      `Messages: ${describeHealth(account?.health)}`,
      `Queue: ${await describeQueue(asked)}`,
      ...(mayLookInside(asked) ? ownerLines(report, account, asked.nowMs) : []),
    ].join("\n"),
  );
}

function mayLookInside(asked: Asked): boolean {
  return asked.command.command.role === "owner" && isDirect(asked);
}

/** The agent, with what was chosen in chat. */
function describeAgent({ command, settings }: Asked, session: SessionDetail | undefined): string {
  const name = settings.agents.find(({ id }) => id === command.agentId)?.name ?? command.agentId;
  const { mode, model } = session?.choices ?? {};
  const chosen = [mode && `mode ${tidy(mode, 60)}`, model && `model ${tidy(model, 60)}`];
  return [name, ...chosen.filter(Boolean)].join(", ");
}

function describeSession(session: SessionDetail | undefined, nowMs: number): string {
  if (session === undefined || session.turns === 0) return "new";
  const { turns, lastTurnAtMs } = session;
  const last = lastTurnAtMs === undefined ? "" : `, the last ${renderSpan(nowMs - lastTurnAtMs)} ago`;
  return `${turns} ${turns === 1 ? "turn" : "turns"}${last}`;
}

async function describeQueue({ command, running, nowMs }: Asked): Promise<string> {
  const { handle, message } = command;
  const { busy } = await running.store.records.facts(message, { handle, nowMs });
  return busy ? "at work on an answer here (/stop ends it)" : "nothing waits here";
}

function describeHealth(health: AccountHealth | undefined): string {
  if (health === undefined) return "the account does not run";
  if (isOpening(health)) return "starting";
  const reads = health.reading.state === "ready" && health.watching.ok;
  const sends = health.sending.state !== "waiting";
  if (reads && sends) return "received and sent";
  if (!reads && !sends) return "trouble with receiving and sending";
  return reads ? "received; trouble with sending" : "sent; trouble with receiving";
}

function ownerLines(report: StatusReport, account: AccountStatus | undefined, nowMs: number): string[] {
  const { gateway } = report;
  const lines: string[] = [];
  const figures = account?.figures;
  if (account !== undefined && figures !== undefined)
    lines.push(
      `Account ${account.id}: ${figures.waiting} waiting, ${figures.held} held, ${figures.running} running, ` +
        `${figures.queued} to send, ${figures.unknown} unknown, ${figures.parked} parked`,
    );
  if (gateway.running)
    lines.push(`Gateway: ${gateway.version}, for ${renderSpan(nowMs - gateway.startedAtMs)}`);
  const configError = gateway.running ? gateway.configError : undefined;
  if (configError !== undefined) lines.push(`⚠️ The config file is not in force: ${configError.message}`);
  const warnings = [...report.warnings, ...(account?.warnings ?? [])];
  lines.push(...warnings.slice(0, MOST_WARNINGS).map(({ message }) => `⚠️ ${message}`));
  if (warnings.length > MOST_WARNINGS)
    lines.push(`… and ${warnings.length - MOST_WARNINGS} more: coderclaw channels status`);
  return lines;
}

const MOST_WARNINGS = 3;
