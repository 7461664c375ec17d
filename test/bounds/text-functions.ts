// Every function of the product that is given a text from outside, each as something that can be timed.
import { LastLines } from "../../src/agents/last-lines.ts";
import { describeError, isSessionGone, requestFailure } from "../../src/agents/acp/trouble.ts";
import { parseApproval } from "../../src/agents/acp/approval.ts";
import { renderTranscript } from "../../src/agents/acp/transcript.ts";
import { createWire } from "../../src/agents/acp/wire.ts";
import { AnswerReader } from "../../src/agents/model/answer.ts";
import { faultOf, retryAfter } from "../../src/agents/model/fault.ts";
import { composeMessages, estimateTokens } from "../../src/agents/model/history.ts";
import { nearNames } from "../../src/agents/model/listed-models.ts";
import { isTooLong } from "../../src/agents/model/overflow.ts";
import { errorIn, jsonOf, parseJson, saidIn } from "../../src/agents/model/said.ts";
import { ThoughtFilter } from "../../src/agents/thinking/filter.ts";
import { withoutThoughts } from "../../src/agents/thinking/whole.ts";
import { columnsOf } from "../../src/cli/columns.ts";
import { renderBubble } from "../../src/cli/demo/bubbles.ts";
import { brief, oneLine, renderTable } from "../../src/cli/table.ts";
import { setInText, unsetInText } from "../../src/config/edit/edit-text.ts";
import { renderJson5, NEW_FILE_STYLE } from "../../src/config/edit/text-style.ts";
import { readEnvironment } from "../../src/config/env.ts";
import { findPlaces } from "../../src/config/places.ts";
import { compileConfigNow } from "../../src/config/read/compile.ts";
import { interpolate } from "../../src/config/read/interpolate.ts";
import { parseText } from "../../src/config/read/parse.ts";
import { parsePath, renderPath } from "../../src/config/read/path.ts";
import { parseSshAddress } from "../../src/config/resolve/reach.ts";
import { isLikelySlip, nearestName } from "../../src/config/schema/nearest.ts";
import { readWrapper } from "../../src/config/wrapper/wrapper.ts";
import { clip, renderRefusal, shorten } from "../../src/control/chat/answer.ts";
import { readAssignment, straighten } from "../../src/control/chat/assignment.ts";
import { readConfigVerb } from "../../src/control/chat/config.ts";
import { describeApproval } from "../../src/control/approvals/approval-words.ts";
import { tidy } from "../../src/control/chat/offered.ts";
import { readPairing } from "../../src/control/chat/pairing.ts";
import { readChatEntry } from "../../src/control/messages/chat-entry.ts";
import { AnswerStream } from "../../src/flow/stream.ts";
import { NoiseLog } from "../../src/imsg/child/noise-log.ts";
import { ImsgRefusal } from "../../src/imsg/child/refusal.ts";
import { safeName } from "../../src/imsg/mac/local-mac.ts";
import { quoteForRemote } from "../../src/imsg/mac/ssh-command.ts";
import { explainSshEnd } from "../../src/imsg/mac/ssh-trouble.ts";
import { parseMessage, stripPart } from "../../src/imsg/read/wire.ts";
import { outcomeOfError } from "../../src/imsg/send/outcome.ts";
import { createLineSplitter } from "../../src/lib/jsonl.ts";
import { openLog } from "../../src/lib/log.ts";
import { createScrub, escapeUnsafe } from "../../src/lib/scrub.ts";
import { nameForSending } from "../../src/media/outgoing-name.ts";
import { isPublic } from "../../src/media/public-address.ts";
import { isInside } from "../../src/media/roots.ts";
import { chatGuidKey } from "../../src/model/chat-guid.ts";
import { GatewayError } from "../../src/model/errors.ts";
import { parseHandle } from "../../src/model/handle.ts";
import { asId, type AccountId, type MessageGuid } from "../../src/model/ids.ts";
import { parseMentionPattern } from "../../src/model/mention-pattern.ts";
import {
  canonicalText,
  hasLettersOfSent,
  isSentPiece,
  isSentText,
  isUnreadable,
  resemblesSent,
  writtenText,
} from "../../src/model/message-text.ts";
import { composedText } from "../../src/model/unicode-form.ts";
import { clipLine, escapeLine, plainLine, quoteLines, renderJson } from "../../src/model/plain-line.ts";
import { parseRemoteHost } from "../../src/model/remote-host.ts";
import { isSentFile } from "../../src/model/sent-file.ts";
import { describeWrong, parseAllowEntry, parseTarget } from "../../src/model/target.ts";
import { shownText } from "../../src/model/shown-text.ts";
import { withoutBlankStart, withoutEnd } from "../../src/model/text-ends.ts";
import { splitAnswer } from "../../src/rules/agent-files.ts";
import { planChunks, rejoin } from "../../src/rules/chunk.ts";
import { findCodeBlocks } from "../../src/rules/code-block.ts";
import { isBareStop, parseCommand } from "../../src/rules/command.ts";
import { composePrompt } from "../../src/rules/compose-prompt.ts";
import { composeAnswer } from "../../src/rules/compose-answer.ts";
import { composeFailureNotice, composeFilesNotice, composeReply } from "../../src/rules/compose-reply.ts";
import { isSelfChat, mirrorNotice } from "../../src/rules/echo.ts";
import { findChoice } from "../../src/rules/find-choice.ts";
import { hasMarks } from "../../src/rules/markdown-marks.ts";
import { convertMarkdown } from "../../src/rules/markdown.ts";
import { offerOptions } from "../../src/rules/approval-options.ts";
import { composeExpiry } from "../../src/rules/approval-replies.ts";
import { composeMore, composeQuestion } from "../../src/rules/compose-approval.ts";
import { foldAnswer, readApproval, readTapback } from "../../src/rules/read-approval.ts";
import { viewRequest } from "../../src/rules/view-approval.ts";
import { viewText } from "../../src/rules/visible-text.ts";
import { Blocks } from "../../src/rules/stream.ts";
import { transcriptOf } from "../../src/rules/transcript.ts";
import { message } from "../rules/admission-for-test.ts";
import { option, request, section } from "../rules/approval-for-test.ts";

const BOTH_ENDS = { start: 600, end: 400, startLines: 12, endLines: 8 };

/** Something that is done with a text. */
export type TextFunction = readonly [name: string, run: (text: string) => void];

/** Small enough that a function of quadratic time comes to its end, large enough that it is seen. */
const REGION = "US";
const LIMIT = 4000;
const TO = { origin: "turn", target: { kind: "chat_id", chatId: 3 } } as const;
const PLACE = { agentId: "main", baseUrl: "http://127.0.0.1:1/v1", model: "m", apiKey: "sk-123456" };
const ENVIRONMENT = readEnvironment({ HOME: "/home/a" });
const PLACES = findPlaces("/tmp/coderclaw.json", ENVIRONMENT);
const PIECE = 4;
const BYTES = 32;

/** A text as it comes from a pipe or a stream, bit by bit. */
function inPieces(text: string, take: (piece: string) => void): void {
  for (let at = 0; at < text.length; at += PIECE) take(text.slice(at, at + PIECE));
}

function inBytes(text: string, take: (piece: Uint8Array) => void): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += BYTES) take(bytes.subarray(at, at + BYTES));
}

/** What the product says no to is no fault; a stack that is full is. */
function orRefused(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof GatewayError) && !(error instanceof Error && error.name === "ModelFault"))
      throw error;
  }
}

const chunk = (limit: number, mode: "length" | "newline"): TextFunction => [
  `planChunks, ${mode}, limit ${limit}`,
  (text) => rejoin(planChunks(text, { limit, mode })),
];

const refusal = (text: string) => ({ code: -32_603, message: "Internal error", data: text });

/** What agents and models write. */
const FROM_AGENTS: readonly TextFunction[] = [
  chunk(60, "length"),
  chunk(LIMIT, "length"),
  chunk(40_000, "length"),
  chunk(60, "newline"),
  chunk(LIMIT, "newline"),
  ["findCodeBlocks", (text) => findCodeBlocks(text)],
  ["hasMarks", (text) => hasMarks(text)],
  ["convertMarkdown", (text) => convertMarkdown(text)],
  ["splitAnswer", (text) => splitAnswer(text)],
  [
    "composeAnswer",
    (text) => {
      const says = [
        { text, ranges: [] },
        { path: "/a", name: "a", mimeType: "a/b", bytes: 1 },
        { text, ranges: [] },
      ];
      composeAnswer(says, { prefix: "x", limit: 300, mode: "length", most: 8 }, TO);
    },
  ],
  ["shownText", (text) => shownText(text)],
  ["shownText of a sequence", (text) => shownText(`\u001b]${text}\u001b[${text}`)],
  [
    "composeReply",
    (text) => composeReply(convertMarkdown(text), { prefix: "x", limit: LIMIT, mode: "length" }, TO),
  ],
  [
    "composeFilesNotice",
    (text) => composeFilesNotice({ who: text, agentId: text, count: 1, reasons: [text] }),
  ],
  [
    "composeFailureNotice",
    (text) => composeFailureNotice({ ref: "A", who: text, agentId: "a", reason: text }),
  ],
  [
    "Blocks",
    (text) => {
      const blocks = new Blocks();
      inPieces(text, (piece) => blocks.push(piece));
      return blocks.rest;
    },
  ],
  [
    "Blocks behind a paragraph",
    (text) => {
      const blocks = new Blocks();
      inPieces(`a\n\n- ${text}`, (piece) => blocks.push(piece));
      return blocks.rest;
    },
  ],
  [
    "AnswerStream",
    (text) => {
      const stream = new AnswerStream({ streamed: "" }, 20);
      stream.begin(undefined);
      inPieces(text, (piece) => void stream.add(piece));
      return stream.end();
    },
  ],
  [
    "AnswerStream that goes on",
    (text) => {
      const stream = new AnswerStream({ streamed: text.slice(0, text.length / 2) }, 20);
      stream.begin(undefined);
      inPieces(text, (piece) => void stream.add(piece));
      return stream.end();
    },
  ],
  [
    "ThoughtFilter",
    (text) => {
      const filter = new ThoughtFilter();
      inPieces(text, (piece) => filter.push(piece));
      return filter.end();
    },
  ],
  [
    "ThoughtFilter within a thought",
    (text) => {
      const filter = new ThoughtFilter();
      inPieces(`<think>${text}`, (piece) => filter.push(piece));
      return filter.end();
    },
  ],
  [
    "AnswerReader of anything",
    (text) =>
      orRefused(() => {
        const reader = new AnswerReader(PLACE);
        inBytes(text, (piece) => reader.push(piece));
        reader.end();
      }),
  ],
  [
    "AnswerReader of events",
    (text) =>
      orRefused(() => {
        const reader = new AnswerReader(PLACE);
        inBytes(`data: {}\n\ndata: ${text}`, (piece) => reader.push(piece));
        reader.end();
      }),
  ],
  ["faultOf", (text) => faultOf({ status: 400, headers: {}, body: text }, PLACE)],
  ["faultOf a redirect", (text) => faultOf({ status: 301, headers: { location: text }, body: "" }, PLACE)],
  ["withoutThoughts", (text) => withoutThoughts(text)],
  ["withoutThoughts in words", (text) => withoutThoughts(`thinking...\n${text}`)],
  ["isTooLong", (text) => isTooLong(400, text)],
  ["jsonOf", (text) => jsonOf(parseJson(text))],
  ["errorIn", (text) => errorIn({ error: { message: text, code: text, type: text } }, true)],
  ["saidIn", (text) => saidIn(text, "sk-123456")],
  ["retryAfter", (text) => retryAfter({ "retry-after": text }, 0)],
  ["estimateTokens", (text) => estimateTokens(text)],
  ["nearNames", (text) => nearNames(text, [text, `${text}a`, "b"], 2)],
  [
    "composeMessages",
    (text) =>
      composeMessages({
        system: [text],
        earlier: [{ atMs: 0, said: [{ sender: "a", text }], answered: text }],
        prompt: text,
        pictures: [],
        sender: "b",
      }),
  ],
  [
    "renderTranscript",
    (text) => renderTranscript([{ atMs: 0, said: [{ sender: text, text }], answered: text }]),
  ],
  ["describeError", (text) => describeError({ message: text, data: { details: text } })],
  ["isSessionGone", (text) => isSessionGone({ code: 1, message: text })],
  [
    "requestFailure",
    (text) => requestFailure({ code: -32_000, message: text }, { name: "a", logins: [text] }),
  ],
  [
    "parseApproval",
    (text) =>
      void parseApproval(
        {
          options: [{ optionId: text, name: text, kind: "allow_once" }],
          toolCall: {
            title: text,
            rawInput: { command: ["bash", text, text], env: { A: text }, cwd: text, note: text },
            content: [{ type: "diff", path: text, oldText: text, newText: `${text}a` }],
          },
        },
        {},
        "/nowhere",
      ),
  ],
  [
    "parseApproval of a diff",
    (text) =>
      void parseApproval(
        {
          options: [{ optionId: "a", name: text, kind: "allow_once" }],
          toolCall: { content: [{ type: "diff", path: "a", oldText: text, newText: `${text}\na` }] },
        },
        {},
        "/nowhere",
      ),
  ],
  ["viewText", (text) => viewText(text)],
  ["viewText of code, both ends", (text) => viewText(text, { isCode: true, most: BOTH_ENDS })],
  [
    "composeQuestion",
    (text) => {
      const options = [option("a", text, "allow_once"), option("b", text, "reject_always")];
      const asked = request({
        title: text,
        sections: [section(text, text), section("changes", text)],
        options,
      });
      const view = viewRequest(asked);
      const offer = offerOptions(asked, { turnKind: "owners", isWhole: view.isWhole });
      const behalf = { handle: text as never, group: text, text };
      const question = { agentName: text, request: asked, view, offer, firstNumber: 1, behalf };
      return composeQuestion(question, { target: { kind: "chat_id", chatId: 1 }, limit: 4000 });
    },
  ],
  [
    "composeMore",
    (text) =>
      composeMore(request({ title: text, sections: [section("command", text)] }), {
        target: { kind: "chat_id", chatId: 1 },
        limit: 4000,
      }),
  ],
  ["composeExpiry", (text) => composeExpiry({ title: text })],
  ["describeApproval", (text) => describeApproval(request({ title: text }))],
  [
    "LastLines",
    (text) => {
      const lines = new LastLines();
      lines.add(text);
      return lines.said;
    },
  ],
  ["tidy", (text) => tidy(text, 40)],
  [
    "wire of an agent",
    (text) => {
      const wire = createWire(() => true, { onUpdate: () => {}, onNoise: () => {} });
      inBytes(text, (piece) => wire.push(piece));
      wire.end();
    },
  ],
];

/** What people write, and what Messages tells of them. */
const FROM_PEOPLE: readonly TextFunction[] = [
  ["parseCommand", (text) => parseCommand(text)],
  ["isBareStop", (text) => isBareStop(text)],
  ["readApproval", (text) => readApproval(text)],
  ["foldAnswer", (text) => foldAnswer(text)],
  [
    "readTapback",
    (text) => readTapback({ added: true, type: text, emoji: text, target: asId<MessageGuid>("a") }),
  ],
  ["a name as mention pattern", (text) => matches("claude", text)],
  ["a name that ends nowhere", (text) => matches("aa", text)],
  ["an expression as mention pattern", (text) => matches("\\b(claude|(a|a)*b)\\b", text)],
  ["parseMentionPattern", (text) => parseMentionPattern(text.slice(0, 500))],
  [
    "composePrompt",
    (text) => {
      const one = {
        entryId: 1 as never,
        handle: text as never,
        message: message({ text, senderName: text }),
      };
      const earlier = [{ atMs: 0, said: [{ sender: text, text }], answered: text }];
      return composePrompt({ messages: [one], context: [one], earlier }, { isGroup: true });
    },
  ],
  ["transcriptOf", (text) => transcriptOf(message({ text }), "audio/mp4")],
  ["writtenText", (text) => writtenText({ text })],
  ["isSentText", (text) => isSentText(`x${text}`, text) || isSentText(text, `${text}a`)],
  ["isUnreadable", (text) => isUnreadable(text)],
  ["composedText", (text) => composedText(text)],
  ["canonicalText", (text) => canonicalText(text)],
  ["isSentPiece", (text) => isSentPiece(text, `x${text}`)],
  ["resemblesSent", (text) => resemblesSent(`x${text}`, `${text}x`)],
  ["hasLettersOfSent", (text) => hasLettersOfSent(text, `${text}x`)],
  [
    "isSentFile",
    (text) =>
      isSentFile({ text, attachments: [attachment(text)] }, { path: "", name: text, mimeType: "", bytes: 1 }),
  ],
  ["isSelfChat", (text) => isSelfChat(message({ chatIdentifier: text }), ["+1" as never], REGION)],
  ["mirrorNotice", (text) => mirrorNotice(text)],
  ["parseHandle", (text) => parseHandle(text, REGION)],
  ["parseHandle of a number", (text) => parseHandle(`+1415${text}`, REGION)],
  ["parseAllowEntry", (text) => parseAllowEntry(text, REGION)],
  ["parseTarget", (text) => parseTarget(text, REGION, "auto")],
  ["readChatEntry", (text) => orRefused(() => readChatEntry(text))],
  ["describeWrong", (text) => describeWrong("Chat", text, "is wrong")],
  ["chatGuidKey", (text) => chatGuidKey(text)],
  ["stripPart", (text) => stripPart(text)],
  [
    "parseMessage",
    (text) =>
      parseMessage(
        {
          id: 1,
          guid: text,
          chat_guid: text,
          chat_identifier: text,
          sender: text,
          text,
          created_at: text,
          attachments: [{ original_path: text }],
        },
        asId<AccountId>("a"),
      ),
  ],
  [
    "findChoice",
    (text) =>
      findChoice(
        [
          { id: text, name: `${text} a` },
          { id: "b", name: text },
        ],
        `${text} A`,
      ),
  ],
  ["readAssignment", (text) => readAssignment(text)],
  ["straighten", (text) => straighten(text)],
  ["readConfigVerb", (text) => readConfigVerb(text)],
  ["readPairing", (text) => readPairing(text)],
  ["renderRefusal", (text) => renderRefusal({ message: text, hint: text })],
  ["shorten", (text) => shorten(text, "more")],
  ["clip", (text) => clip(text, 100)],
  ["nameForSending", (text) => nameForSending(text, { mimeType: "image/png", extension: "png" })],
  ["safeName", (text) => safeName(text)],
  ["isInside", (text) => isInside(`/${text}`, ["/Users/*/a", `/${text}`, "/*/*/*"])],
];

/** What programs, servers and the owner's own files say. */
const FROM_MACHINES: readonly TextFunction[] = [
  ["createLineSplitter", (text) => lines(text)],
  ["scrub", (text) => createScrub(["secret", "aaaaaa", "\n\n\n\n\n\n"], true)({ text, [text]: [text] })],
  ["plainLine", (text) => plainLine(text, 80)],
  ["clipLine", (text) => clipLine(text, 80)],
  ["escapeLine", (text) => escapeLine(text)],
  ["renderJson", (text) => renderJson({ [text]: text }, 2)],
  ["quoteLines", (text) => quoteLines(text)],
  ["withoutEnd", (text) => withoutEnd(text, "\r\n./")],
  ["withoutBlankStart", (text) => withoutBlankStart(text)],
  ["escapeUnsafe", (text) => escapeUnsafe(text)],
  ["a line of the log", (text) => LOG.warn(text, { text, [text]: text })],
  ["NoiseLog", (text) => new NoiseLog(() => {}, "reading").heard("stdout", text)],
  [
    "ImsgRefusal",
    (text) => outcomeOfError(new ImsgRefusal("send", refusal(text)), { dialect: "v1", toPerson: true }),
  ],
  [
    "explainSshEnd",
    (text) => explainSshEnd({ code: 255, said: kept(text), remote: undefined, program: undefined }),
  ],
  ["quoteForRemote", (text) => quoteForRemote(text)],
  ["parseRemoteHost", (text) => parseRemoteHost(text)],
  ["parseSshAddress", (text) => parseSshAddress(`ssh://${text}`)],
  ["isPublic", (text) => isPublic(text)],
  ["readWrapper", (text) => readWrapper(`ssh ${text}`)],
  ["readWrapper of an option", (text) => readWrapper(`ssh -o '${text}' host`)],
  ["parseText", (text) => parseText(text)],
  ["parseText of a value", (text) => parseText(`{a: "${text}"}`)],
  ["compileConfig", (text) => compileConfigNow(text, PLACES, ENVIRONMENT)],
  [
    "compileConfig of a value",
    (text) => compileConfigNow(`{gateway: {bind: ${JSON.stringify(text)}}}`, PLACES, ENVIRONMENT),
  ],
  ["interpolate", (text) => interpolate({ a: text }, () => "b")],
  ["setInText", (text) => setInText(text, ["a", "b"], text)],
  [
    "setInText behind comments",
    (text) => setInText(`{b: 1, // ${text.replaceAll(/[\n\r\u2028\u2029]/gu, " ")}\n}`, ["a"], text),
  ],
  [
    "setInText of a list",
    (text) =>
      setInText(`{a: [1,${"2,".repeat(text.length / 8)}\n]}`, ["a", 1 + Math.ceil(text.length / 8)], "x"),
  ],
  ["unsetInText", (text) => unsetInText(`{a: 1,${text.replaceAll(/\S/gu, " ")}b: 2}`, ["b"])],
  ["renderJson5", (text) => renderJson5({ [text]: text }, NEW_FILE_STYLE)],
  ["parsePath", (text) => renderPath(parsePath(text) ?? [text])],
  ["nearestName", (text) => isLikelySlip(text, nearestName(text, ["allowFrom", text])?.distance ?? 0)],
  ["renderTable", (text) => renderTable(["A", "B"], [[text, text]])],
  ["brief", (text) => brief(text, 60)],
  ["oneLine", (text) => oneLine(text)],
  ["columnsOf", (text) => columnsOf(text)],
  ["renderBubble", (text) => renderBubble({ columns: 80, colour: false }, "left", text)],
];

function matches(pattern: string, text: string): boolean {
  const parsed = parseMentionPattern(pattern);
  return parsed.ok && parsed.value.matches(text);
}

function attachment(name: string) {
  return { name, path: name, mimeType: name, uti: "", bytes: 1, isSticker: false, missing: false };
}

function lines(text: string): void {
  const splitter = createLineSplitter(() => {});
  inBytes(text, (piece) => splitter.push(piece));
  splitter.end();
}

const LOG = openLog({
  threshold: "debug",
  secrets: ["a secret"],
  terminal: { write: () => {} },
  now: () => 0,
});

/** As the link keeps what a child says. */
function kept(text: string): string[] {
  const said: string[] = [];
  for (const line of text.split("\n").slice(-30)) said.push(line.slice(0, 500));
  return said;
}

/** All of them. */
export const TEXT_FUNCTIONS: readonly TextFunction[] = [...FROM_AGENTS, ...FROM_PEOPLE, ...FROM_MACHINES];
