// Step 5, "Try it": a text is awaited, and shown as it arrives, is worked on and is answered; else the silent part is named.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AccountStatus, StatusReport } from "../../control/status/status.ts";
import { findControl } from "../../gateway/open-state.ts";
import { GatewayError } from "../../model/errors.ts";
import { askGateway } from "../client.ts";
import { runToEnd, startProgram, type Running } from "../demo/programs.ts";
import { currentConfig, type Onboarding, type StepResult } from "./onboarding.ts";

const STEP = "try";
const START_MS = 20_000;
const ARRIVAL_MS = 180_000;
const ANSWER_MS = 600_000;
const POLL_MS = 300;

/** Waits for a first text and its answer. A gateway that this step has to start ends with it. */
export async function tryIt(onboarding: Onboarding): Promise<StepResult> {
  const { interview, options } = onboarding;
  interview.step("Try it");
  if (
    !(await interview.confirm({
      message: "Send a first text now?",
      initial: true,
      option: "--try or --no-try",
      answered: options.try,
    }))
  )
    return { step: STEP, state: "skipped", detail: "not tried" };
  const own = (await ask(onboarding)) === undefined ? startGateway() : undefined;
  try {
    await interview.working("Starting the gateway", async () => untilWatching(onboarding, own));
    const before = await only(onboarding);
    const sinceMs = Date.now();
    await prompt(onboarding);
    const arrived = await interview.working("Waiting for your text", async () =>
      until(
        ARRIVAL_MS,
        async () => ((await only(onboarding)).figures?.lastReceivedAtMs ?? 0) >= sinceMs - 1000,
      ),
    );
    if (!arrived) return failed(onboarding, describeSilence(await only(onboarding)));
    const answered = await interview.working("It arrived. Waiting for the answer", async () =>
      until(ANSWER_MS, async () => wasAnswered(await only(onboarding), before)),
    );
    if (!answered || !hasSent(await only(onboarding), before))
      return failed(onboarding, "The text arrived, but no answer left. `coderclaw log` says why.");
    interview.say("The answer is on its way to your phone.");
    return { step: STEP, state: "done", detail: "a text was answered" };
  } finally {
    await own?.end();
  }
}

function failed({ interview }: Onboarding, detail: string): StepResult {
  interview.say(detail);
  return { step: STEP, state: "failed", detail };
}

function startGateway(): Running {
  return startProgram(process.execPath, [process.argv[1] ?? "", "gateway"], {});
}

async function ask({ options }: Onboarding): Promise<StatusReport | undefined> {
  return askGateway<StatusReport>(await findControl(options), { method: "GET", path: "/api/status" }).catch(
    () => undefined,
  );
}

async function only(onboarding: Onboarding): Promise<AccountStatus> {
  const account = (await ask(onboarding))?.accounts.at(0);
  if (account !== undefined) return account;
  throw new GatewayError("gateway/not-running", "The gateway stopped while the text was awaited.", {
    hint: "Run `coderclaw gateway` in another terminal to see why, then `coderclaw onboard` again.",
  });
}

async function untilWatching(onboarding: Onboarding, own: Running | undefined): Promise<void> {
  const isWatching = async (): Promise<boolean> => {
    if (own?.isOver()) return true;
    return (await ask(onboarding))?.accounts.at(0)?.health?.watching.ok === true;
  };
  await until(START_MS, isWatching);
  if (own?.isOver())
    throw new GatewayError("gateway/not-running", "The gateway ended right after its start.", {
      hint: "Run `coderclaw gateway` to see why, then `coderclaw onboard` again.",
    });
}

/** Says what to do; with the stand-in the text is written right away. */
async function prompt(onboarding: Onboarding): Promise<void> {
  const { settings, sources } = await currentConfig(onboarding);
  const account = settings.accounts[0];
  const owner = account?.owners[0] ?? "your phone";
  const standIn = join(sources.places.stateDir, "stand-in", "imsg");
  if (account?.transport.cliPath !== standIn || account.transport.dbPath === undefined)
    return onboarding.interview.say(`Text "hello" from ${owner} to the Mac.`);
  onboarding.interview.say(`The stand-in writes "hello" as ${owner}.`);
  const words = ["receive", "--db", account.transport.dbPath, "--from", owner, "--text", "hello"];
  await runToEnd(standIn, words, new AbortController().signal);
}

/** Nothing of what arrived is still on its way. */
function wasAnswered(now: AccountStatus, before: AccountStatus): boolean {
  const { figures } = now;
  const isBusy =
    figures === undefined || figures.waiting + figures.running + figures.queued + figures.unknown > 0;
  return (
    !isBusy &&
    (hasSent(now, before) ||
      refusals(now) > refusals(before) ||
      figures.parked > (before.figures?.parked ?? 0))
  );
}

function hasSent(now: AccountStatus, before: AccountStatus): boolean {
  return (now.figures?.lastSentAtMs ?? 0) > (before.figures?.lastSentAtMs ?? 0);
}

function refusals({ unanswered }: AccountStatus): number {
  return Object.values(unanswered).reduce((sum, count) => sum + count, 0);
}

function describeSilence({ health }: AccountStatus): string {
  if (health?.reading.state !== "ready")
    return `No text arrived: imsg does not run (${health?.reading.reason ?? "reason unknown"}).`;
  if (!health.watching.ok)
    return `No text arrived: the Messages database is not being watched (${health.watching.reason ?? "reason unknown"}).`;
  return "No text arrived, although the Messages database is being watched. Check on the Mac that the text shows up in Messages, and that it went to this Mac's number or address.";
}

async function until(limitMs: number, isOver: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(POLL_MS))
    if (await isOver()) return true;
  return isOver();
}
