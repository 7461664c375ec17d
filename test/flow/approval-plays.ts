// Agents that ask, in the world of one account, and what people see of it.
import { expect } from "vitest";
import type { ApprovalDecision, ApprovalRequest } from "../../src/model/approval.ts";
import { parseHandle, type Handle } from "../../src/model/handle.ts";
import type { TurnHost } from "../../src/model/ports.ts";
import { option, request as anyRequest } from "../rules/approval-for-test.ts";
import { ANNA, FlowWorld, type FlowOptions } from "./flow-world.ts";

export const CARL = "+14155550003";
export const OWNER = handle(ANNA);
export const OWNED: FlowOptions = { account: { owners: [OWNER], notified: [OWNER] } };
export const TO_ANNA = "chat_id:1";
export const TO_BEN = "chat_id:2";
const OPTIONS = [
  option("once", "Allow once", "allow_once"),
  option("always", "Always allow", "allow_always"),
  option("no", "Reject", "reject_once"),
];

export function handle(text: string): Handle {
  const parsed = parseHandle(text, "US");
  if (parsed === undefined) throw new Error("no handle");
  return parsed;
}

/** Where an owner is asked about somebody else's turn. */
export function direct(owner: string): string {
  return JSON.stringify({ kind: "handle", handle: owner, service: "auto" });
}

export function request(title: string, key = title): ApprovalRequest {
  return anyRequest({ title, options: OPTIONS, standing: { key, what: title, covers: "call" } });
}

/** Asks these requests at once and says what was decided. */
export async function asksAll(host: TurnHost, ...requests: readonly ApprovalRequest[]): Promise<string> {
  const made = await Promise.all(requests.map(async (one) => host.ask(one)));
  return `decided: ${made.map(({ optionId }) => optionId ?? "nothing").join(", ")}`;
}

export async function createWorld(options: FlowOptions = OWNED): Promise<FlowWorld> {
  const world = await FlowWorld.create(options);
  world.play = async (_request, _signal, host) => asksAll(host, request("edit a.txt"));
  return world;
}

export function questions(world: FlowWorld): { to: string; text: string }[] {
  return world.sent.filter(({ part }) => part.origin === "question").map(({ to, text }) => ({ to, text }));
}

/** Waits until so many questions are known to have been sent; the answer is what they say. */
export async function asked(world: FlowWorld, count = 1): Promise<string[]> {
  await expect
    .poll(async () => {
      const sent = await world.store.outbox.list({ limit: 100, states: ["sent"] });
      return (
        sent.filter(({ origin }) => origin === "question").length >= count ||
        world.sent.map(({ text }) => text)
      );
    })
    .toBe(true);
  return questions(world).map(({ text }) => text);
}

export async function said(world: FlowWorld, to: string, text: string): Promise<void> {
  await world.until(() => world.sent.some((one) => one.to === to && one.text === text), `${text} to ${to}`);
}

export async function decisions(world: FlowWorld): Promise<(ApprovalDecision | undefined)[]> {
  return (await world.store.approvals.list(20)).map(({ decision }) => decision).toReversed();
}
