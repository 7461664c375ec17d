// What went wrong between the gateway and an agent, in words for the owner.
import { withoutEnd } from "../../model/text-ends.ts";
import { failed, type Failure } from "../failure.ts";
import { fieldsOf, textOf } from "./loose.ts";

/** A turn that cannot go on, with what is said of it. */
export class AgentTrouble extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

/** The agent did not open a session in time. */
export class NotOpened extends AgentTrouble {}

/** The protocol's code for an agent that nobody is logged in to. */
const AUTH_REQUIRED = -32_000;

/** The protocol's code for something that is not there, such as a session. */
const NOT_FOUND = -32_002;

const SESSION_GONE = /\b(?:unknown session|session\b.{0,200}\bnot found)/i;

/** More of what an agent says about an error is not read, and not passed on. */
const LONGEST_SAID = 1000;

/** An agent that answers, as far as it said who it is. */
export interface KnownAgent {
  /** For people. */
  readonly name: string;
  /** Names of its ways to log in. */
  readonly logins: readonly string[];
}

/** True when the agent does not have the session that it was asked to work in. */
export function isSessionGone(cause: unknown): boolean {
  const { code, message } = fieldsOf(cause);
  return code === NOT_FOUND || SESSION_GONE.test((textOf(message) ?? "").slice(0, LONGEST_SAID));
}

/** True for an error that may be of the session: of what was said in it, or of what works for it. */
export function isOfSession(cause: unknown): boolean {
  const { code } = fieldsOf(cause);
  return typeof code === "number" && code !== AUTH_REQUIRED;
}

/** Failure of what an agent was to do, by its own error or one on the way to it. */
export function requestFailure(cause: unknown, { name, logins }: KnownAgent): Failure {
  const said = describeError(cause);
  const { code } = fieldsOf(cause);
  if (typeof code !== "number") return failed(`${name} could not be asked: ${said}`);
  if (code !== AUTH_REQUIRED) return failed(`${name} refused: ${said}`);
  const ways = logins.length === 0 ? "" : ` (it offers: ${logins.join(", ")})`;
  return failed(
    `${name} wants a login: ${withoutEnd(said, ".")}. Log in to it on the gateway's machine, as the gateway's user${ways}`,
  );
}

/** What an error says, with what stands beside it; the beginning of each. */
export function describeError(cause: unknown): string {
  const { message, data } = fieldsOf(cause);
  const own = fieldsOf(data);
  const said = (value: unknown): string | undefined => textOf(value)?.slice(0, LONGEST_SAID).toWellFormed();
  const details = said(data) ?? said(own["details"]) ?? said(own["message"]);
  const text = said(message) ?? String(cause).slice(0, LONGEST_SAID);
  return details === undefined || text.includes(details) ? text : `${text} (${details})`;
}
