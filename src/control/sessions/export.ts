// A session's transcript as a text of its own: Markdown to read, JSON and JSON lines to work with; to a file that nobody else may read.
import { randomUUID } from "node:crypto";
import { chmod, open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { GatewayError } from "../../model/errors.ts";
import type { SessionTurn, Store } from "../../model/store.ts";
import { describeApprovalDecision, describeApproval } from "../approvals/approval-words.ts";
import { showSession, type ShownSession } from "./sessions.ts";
import { escapeLine, linesOf, renderJson } from "../../model/plain-line.ts";

/** How a transcript is written. `jsonl`: a turn a line. */
export type ExportFormat = "markdown" | "json" | "jsonl";

/** What is exported. */
export interface ExportChoice {
  readonly format: ExportFormat;
  /** What was said before the session was reset, too. */
  readonly all: boolean;
}

const PAGE = 200;

/** The transcript, a line end at the end of each piece. Contract: the first piece is `session/unknown` where there is no such session. */
export async function* exportSession(
  store: Store,
  key: string,
  { format, all }: ExportChoice,
): AsyncGenerator<string> {
  const { log: _newest, ...session } = await showSession(store, key, 1);
  const turns = readTurns(store, session, all);
  if (format === "markdown") return yield* renderMarkdown(session, turns);
  if (format === "jsonl") return yield* renderLines(turns);
  yield* renderWhole(session, turns);
}

/**
 * Writes the pieces to a file of mode 0600. Contract: whole or not at all; a file that is there is replaced only with `force`. Throws
 * `session/file`.
 */
export async function writeExport(
  pieces: AsyncIterable<string>,
  file: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const path = force ? `${resolve(file)}.${randomUUID()}.part` : resolve(file);
  let isOurs = false;
  try {
    const handle = await open(path, "wx", 0o600);
    isOurs = true;
    try {
      for await (const piece of pieces) await handle.appendFile(piece);
    } finally {
      await handle.close();
    }
    // The mode that it was made with is less what the process takes away.
    await chmod(path, 0o600);
    if (force) await rename(path, resolve(file));
  } catch (cause) {
    if (isOurs) await rm(path, { force: true });
    throw cause instanceof GatewayError ? cause : fileError(file, cause);
  }
}

function fileError(file: string, cause: unknown): GatewayError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "EEXIST")
    return new GatewayError("session/file", `${file} is there already.`, {
      hint: "Give --force to replace it, or name another file.",
      cause,
    });
  return new GatewayError("session/file", `${file} could not be written (${code ?? String(cause)}).`, {
    hint: `Check that ${dirname(resolve(file))} is there, and that you may write to it.`,
    cause,
  });
}

async function* readTurns(
  store: Store,
  session: Pick<ShownSession, "key">,
  all: boolean,
): AsyncGenerator<SessionTurn> {
  let after: SessionTurn | undefined;
  do {
    const page = await store.sessions.log(session.key, { all, after, limit: PAGE });
    yield* page;
    after = page.length < PAGE ? undefined : page.at(-1);
  } while (after !== undefined);
}

async function* renderMarkdown(
  session: Omit<ShownSession, "log">,
  turns: AsyncIterable<SessionTurn>,
): AsyncGenerator<string> {
  const { key, agentId, createdAtMs, choices, nativeId } = session;
  const facts = [
    ["Agent", agentId],
    ["Session", session.sessionId],
    ["The agent's own name of it", nativeId],
    ["Mode", choices.mode],
    ["Model", choices.model],
    ["Since", time(createdAtMs)],
  ].filter(([, value]) => value !== undefined);
  yield `# ${escapeLine(key)}\n\n`;
  yield `${facts.map(([name, value]) => `- ${name}: ${escapeLine(value ?? "")}`).join("\n")}\n`;
  let sessionId: string | undefined;
  for await (const turn of turns) {
    if (sessionId !== undefined && sessionId !== turn.sessionId) yield `\n---\n\nA new session began here.\n`;
    sessionId = turn.sessionId;
    yield renderTurn(turn, agentId);
  }
}

/** What people and agents said stands in quotes: no text can pass for a part of the transcript. */
function renderTurn({ startedAtMs, state, said, answered, approvals }: SessionTurn, agentId: string): string {
  const ended = state === "answered" ? "" : ` (${state === "running" ? "no answer yet" : state})`;
  const messages = said.flatMap(({ sender, text, files }) => [
    "",
    `**${escapeLine(sender)}:**`,
    "",
    ...quote(text),
    ...files.flatMap((name) => [">", `> 📎 ${escapeLine(name)}`]),
  ]);
  const asked = approvals.flatMap((approval) => [
    "",
    `Approval: ${escapeLine(describeApproval(approval.request))}: ` +
      escapeLine(describeApprovalDecision(approval)),
  ]);
  const answer = answered === undefined ? [] : ["", `**${escapeLine(agentId)}:**`, "", ...quote(answered)];
  return [`\n## ${time(startedAtMs)}${ended}`, ...messages, ...asked, ...answer, ""].join("\n");
}

function quote(text: string): string[] {
  return linesOf(text).map((line) => `> ${line.split("\t").map(escapeLine).join("\t")}`.trimEnd());
}

/** UTC, to the second. */
function time(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace("T", " ").concat(" UTC");
}

async function* renderLines(turns: AsyncIterable<SessionTurn>): AsyncGenerator<string> {
  for await (const turn of turns) yield `${renderJson(turn)}\n`;
}

async function* renderWhole(
  session: Omit<ShownSession, "log">,
  turns: AsyncIterable<SessionTurn>,
): AsyncGenerator<string> {
  yield `{ "session": ${renderJson(session)},\n  "turns": [\n`;
  let held: string | undefined;
  for await (const turn of turns) {
    if (held !== undefined) yield `${held},\n`;
    held = `    ${renderJson(turn)}`;
  }
  if (held !== undefined) yield `${held}\n`;
  yield "  ] }\n";
}
