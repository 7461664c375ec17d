// The runs of an agent for one turn: events → its answer, blocks of it → outbox while it runs, what it asks → host.
import type { NewGroup } from "../model/journal.ts";
import { conversationFolder } from "../model/media.ts";
import type { TurnHost } from "../model/ports.ts";
import { shownText } from "../model/shown-text.ts";
import { withoutBlankStart, withoutEnd } from "../model/text-ends.ts";
import type { AgentRequest, Turn } from "../model/turn.ts";
import { composePrompt } from "../rules/compose-prompt.ts";
import { OUT_OF_TIME } from "../rules/compose-reply.ts";
import { groupOf } from "../rules/group.ts";
import { takeAnswer, type AnswerPieces } from "./answer.ts";
import { FileBudget } from "./file-budget.ts";
import type { AccountContext, Frame, ReadyAgent } from "./frame.ts";
import type { HeldFiles } from "./media.ts";
import type { AnswerStream, Say, SayBlock } from "./stream.ts";
import { composeSay, formatAnswer, newest, type Failure, type Outcome } from "./turn-end.ts";

/** What the runs of a turn are given. */
export interface RunOptions {
  readonly context: AccountContext;
  readonly frame: Frame;
  readonly held: HeldFiles;
  readonly signal: AbortSignal;
  /** What a run of the agent may ask; the signal is aborted when nobody waits for an answer any more. */
  readonly hostOf: (signal: AbortSignal) => TurnHost;
  /** Puts a group into the outbox while the turn runs. Contract: false when this attempt of the turn is no longer the running one. */
  readonly say: (
    turn: Turn,
    said: { readonly streamed: string } | "long",
    group: NewGroup,
  ) => Promise<boolean>;
  readonly stream: AnswerStream;
}

/** Runs the agent of one turn, again if it must be. */
export class TurnRun {
  readonly #turn: Turn;
  readonly #with: RunOptions;
  readonly #files = new FileBudget();

  constructor(turn: Turn, options: RunOptions) {
    this.#turn = turn;
    this.#with = options;
  }

  /** One run of the agent that the configuration names now: a reload may have put another in its place. */
  async attempt(): Promise<Outcome> {
    const { context, held, signal, frame, hostOf, stream } = this.#with;
    const { agentId } = this.#turn;
    const agent = context.agent(agentId);
    if (!agent) {
      const reason = `there is no agent "${agentId}" in the configuration any more`;
      return { kind: "failed", code: "agent/not-found", passing: false, reason };
    }
    const { runtime, settings } = agent;
    const sends = settings.streaming === "paragraphs";
    stream.begin(sends ? async (block) => this.#send(block, agent) : undefined);
    const over = new AbortController();
    const host = hostOf(AbortSignal.any([signal, over.signal]));
    let failure: Failure | undefined;
    try {
      for await (const event of runtime.run(request(this.#turn, frame, { agent, held }), signal, host)) {
        if (event.kind === "failed") {
          failure = event;
          break;
        }
        if (event.kind === "text") {
          const { id: turnId, accountId } = this.#turn;
          context.observer.step("agent.said", { accountId, turnId, said: event.text });
          await stream.add(event.text);
        }
        if (event.kind === "aside") stream.aside();
        if (event.kind === "began-anew") stream.beganAnew();
      }
    } finally {
      // An agent that is gone waits for no answer.
      over.abort();
    }
    const rest = stream.end();
    // What an agent said before its time was up is better than an apology.
    const isCut = failure?.code === "agent/timeout" && rest.whole.trim() !== "";
    if (failure && !isCut) return failure;
    // Line ends around an answer are no part of it; the echo's are the sender's own.
    const text = runtime.output === "plain" ? rest.text : withoutEnd(withoutBlankStart(rest.text), "\r\n");
    const pieces = await this.#take({ ...rest, text }, agent);
    if (signal.aborted) return { kind: "closed" };
    return {
      kind: "answered",
      rest,
      output: runtime.output,
      pieces: isCut ? [...pieces, OUT_OF_TIME] : pieces,
      unsent: this.#files.unsent,
      ...(failure && { cut: failure.reason }),
    };
  }

  async #send(block: SayBlock, agent: ReadyAgent): Promise<{ messages: number } | undefined> {
    const { context, frame, signal, say } = this.#with;
    const takeBack = this.#files.checkpoint();
    const pieces = await this.#take(block, agent);
    const { output } = agent.runtime;
    const says = await formatAnswer(pieces, { output, lead: block.lead, log: context.log });
    const { group, rest } = composeSay(this.#turn, frame, { ...block, says });
    const messages = group.parts.length;
    const isSent =
      !signal.aborted && rest === "" && (await say(this.#turn, { streamed: block.streamed }, group));
    if (!isSent) {
      takeBack();
      return undefined;
    }
    return { messages };
  }

  /** The pieces of something that the agent said, fit to be shown. */
  async #take(
    { text, most }: Pick<Say, "text" | "most">,
    { runtime, settings }: ReadyAgent,
  ): Promise<AnswerPieces> {
    const shown = shownText(text);
    if (runtime.output === "plain") return [shown];
    const { context, frame, signal } = this.#with;
    const { filesOut } = context;
    return takeAnswer(shown, filesOut, {
      roots: [settings.workspace, conversationFolder(filesOut.folderPath, this.#turn.conversationId)],
      maxBytes: frame.account.media.maxBytes,
      signal,
      budget: this.#files,
      most,
    });
  }
}

function request(
  turn: Turn,
  { account }: Frame,
  { agent, held: { files } }: { readonly agent: ReadyAgent; readonly held: HeldFiles },
): AgentRequest {
  const { message } = newest(turn);
  const group = groupOf(account, message);
  const isGroup = group !== undefined;
  const { runtime, settings } = agent;
  const told = runtime.remembers ? { ...turn, earlier: [] } : turn;
  return {
    turn,
    files,
    prompt: composePrompt(told, { isGroup, files }),
    systemPrompt: group?.settings?.systemPrompt ?? "",
    workspace: settings.workspace,
    chatTarget: `chat_id:${message.chatId}`,
    isGroup,
    mustAnswer: group?.requireMention ?? true,
  };
}
