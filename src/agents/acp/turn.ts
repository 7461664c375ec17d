// One turn in a session: choices, prompt, questions, and its end, whichever of agent, person and clock brings it.
import type { Log } from "../../lib/log.ts";
import type { StoppableTimer } from "../../lib/stoppable-timer.ts";
import { unlessAborted } from "../../lib/unless-aborted.ts";
import type { SessionChoices } from "../../model/agent-session.ts";
import type { TurnHost } from "../../model/ports.ts";
import type { AgentRequest } from "../../model/turn.ts";
import { failed, type Failure } from "../failure.ts";
import type { AgentProcess } from "./agent-process.ts";
import type { Chosen } from "./offers.ts";
import { composeBlocks } from "./prompt.ts";
import type { Session, TurnEnds } from "./session.ts";
import type { SpeechEvent } from "./speech.ts";
import { renderTranscript } from "./transcript.ts";
import { AgentTrouble, describeError, requestFailure } from "./trouble.ts";

/** What a turn is run with. */
export interface TurnWork {
  readonly request: AgentRequest;
  readonly host: TurnHost;
  readonly emit: (event: SpeechEvent) => void;
  /** Aborted when a person stops the turn. */
  readonly signal: AbortSignal;
  readonly timer: StoppableTimer;
  /** Of the configuration: what a session begins with. */
  readonly defaults: SessionChoices;
  /** Keeps what the session has come to. */
  readonly keep: () => Promise<void>;
  /** MIME types that do not go along: the agent fails at them. */
  readonly refused: ReadonlySet<string>;
  readonly log: Log;
}

/** Said where an agent ends a turn without a word. */
const WITHOUT_A_WORD = "(I finished without a reply.)";

/** Why an agent stopped although it had more to say. */
const CUT_SHORT: Readonly<Record<string, string>> = {
  max_tokens: "it ran into its limit of tokens and had said nothing",
  max_turn_requests: "it ran into its limit of requests and had said nothing",
  refusal: "it refused to answer",
};

/** Runs a prompt to the end that the agent gives it. Rejects with the agent's error or `AgentTrouble`; undefined: it went well. */
export async function runPrompt(
  agent: AgentProcess,
  session: Session,
  work: TurnWork,
): Promise<Failure | undefined> {
  const { request, host, emit, signal, timer, keep } = work;
  await applyChoices(session, work);
  const isCommand = /^\/\S/.test(request.prompt);
  // A command of the agent's own must be the first thing it reads.
  const transcript = session.isBlank && !isCommand ? renderTranscript(await host.transcript()) : "";
  // A session that is not told yet what was said before is not to be had again in that state.
  if (!session.isBlank || (transcript === "" && !isCommand)) await keep();
  const blocks = await composeBlocks(request, {
    images: takesPictures(agent),
    transcript,
    refused: work.refused,
  });
  const stop = AbortSignal.any([signal, timer.signal]);
  if (stop.aborted) return undefined;
  // Said with the first that comes of it: a turn that fails is asked again, and then the session begins once more.
  let isToldAnew = transcript === "";
  const tell = (event: SpeechEvent): void => {
    if (!isToldAnew) emit({ kind: "began-anew" });
    isToldAnew = true;
    emit(event);
  };
  /** It was denied what it asked last, nobody was told why, and it has said nothing since. */
  let isDenied = false;
  const ends: TurnEnds = {
    emit: (event) => {
      if (event.kind === "text" && event.text.trim() !== "") isDenied = false;
      tell(event);
    },
    folder: request.workspace,
    ask: async (question) => {
      const answer = await timer.without(unlessAborted(host.ask(question), [signal, timer.signal]));
      const option = question.options.find(({ id }) => id === answer?.optionId);
      isDenied = (option === undefined || option.kind.startsWith("reject")) && answer?.isExplained !== true;
      return answer?.optionId;
    },
  };
  const end = await session.prompt(blocks, ends, stop);
  if (end === undefined) return undefined;
  const why = CUT_SHORT[String(end.reason)];
  if (why !== undefined && !end.hasSaid) return failed(`${agent.known.name} did not answer: ${why}`);
  // Some agents end there without a word, and what led up to it reads as if it were done.
  if (!stop.aborted && isDenied) tell({ kind: "text", text: "Not done: it was denied." });
  else if (!stop.aborted && !end.hasSaid && request.mustAnswer) tell({ kind: "text", text: WITHOUT_A_WORD });
  if (!isCommand) session.isBlank = false;
  if (!session.isBlank) await keep();
  return undefined;
}

/** True for an agent that says that it takes pictures. */
export function takesPictures(agent: AgentProcess): boolean {
  return agent.capabilities.promptCapabilities?.image === true;
}

/** What the configuration wants a session to begin with, then what was chosen in chat: one that the agent refuses leaves the first in force. */
async function applyChoices(session: Session, { request, defaults, log }: TurnWork): Promise<void> {
  for (const chosen of ["mode", "model"] as const) {
    const own = request.turn.choices[chosen];
    // A choice that is given back leaves what was in force before it.
    const before = own === undefined ? session.before[chosen] : undefined;
    const configured = session.hasDefaults && before === undefined ? undefined : defaults[chosen];
    const standard = configured ?? before;
    const refusal = standard && (await tried(session.choose(chosen, standard)));
    // It may decide what the agent does without asking: better no answer than another mode.
    if (refusal !== undefined)
      throw new AgentTrouble(
        failed(
          `the agent does not take the ${configured === undefined ? "" : "configured "}${chosen} ${standard}: ` +
            `${refusal}${offered(session, chosen)}`,
        ),
      );
    if (before !== undefined) session.forgetBefore(chosen);
    if (own !== undefined && (await tried(session.chooseOver(chosen, own))) !== undefined)
      log.warn(`the agent does not take the ${chosen} ${own} that was chosen in chat`);
  }
  session.hasDefaults = true;
}

/** Undefined: it is chosen; else why not. */
async function tried(choosing: Promise<void>): Promise<string | undefined> {
  try {
    await choosing;
    return undefined;
  } catch (cause) {
    if (cause instanceof AgentTrouble) throw cause;
    return describeError(cause);
  }
}

function offered(session: Session, chosen: Chosen): string {
  const { modes, models } = session.state.offers;
  const ids = (chosen === "mode" ? modes : models).map(({ id }) => id);
  return ids.length === 0 ? "" : `; it offers ${ids.join(", ")}`;
}

/** What a failed turn is told as. */
export function toFailure(cause: unknown, agent: AgentProcess | undefined): Failure {
  if (cause instanceof AgentTrouble) return cause.failure;
  return requestFailure(cause, agent?.known ?? { name: "the agent", logins: [] });
}
