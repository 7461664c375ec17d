// Asks the running gateway over its control server. Plain HTTP/1.0 on a socket: loading an HTTP client takes longer than a command.
import { connect } from "node:net";
import { renderAddress } from "../control/gateway-address.ts";
import { parseListener, stateMark, type Listener } from "../control/who-listens.ts";
import type { ControlPlace, ControlPlaces } from "../gateway/open-state.ts";
import { ERROR_CATALOGUE, GatewayError, type ErrorCode } from "../model/errors.ts";

const UNAUTHORIZED = 401;

/** One question. */
export interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Default 10000. */
  readonly timeoutMs?: number;
}

/**
 * Asks the gateway; the answer is its JSON. Undefined: no gateway listens where one would be.
 *
 * Contract: rejects with what the gateway answered as an error, or `gateway/not-running` when something listens and stays silent.
 */
export async function askGateway<T>(control: ControlPlaces, question: Question): Promise<T | undefined> {
  const first = control.written && (await exchange(control.written, question));
  if (first !== undefined && first.status !== UNAUTHORIZED) return bodyOf(first) as T;
  const answer = (await askConfigured(control, question)) ?? first;
  if (answer?.status === UNAUTHORIZED) throw notOurs(answer, control.stateDir);
  return answer && (bodyOf(answer) as T);
}

/** Says which gateway answered, and why it is not the one that is meant. */
function notOurs({ place, listener }: Answer, stateDir: string): GatewayError {
  const process = listener === undefined ? "" : ` (process ${listener.pid})`;
  const which = `The gateway at ${renderAddress(place)}${process}`;
  if (listener !== undefined && listener.state !== stateMark(stateDir))
    return new GatewayError(
      "gateway/not-ours",
      `${which} is another's: it runs on another state folder, with another token.`,
      {
        hint: `This command uses ${stateDir}. Set CODERCLAW_STATE_DIR to that gateway's folder, or gateway.port to a port of its own.`,
        details: { isOther: true },
      },
    );
  return new GatewayError(
    "gateway/not-ours",
    `${which} does not accept this token: it was started with another.`,
    {
      hint: "Restart the gateway, or set CODERCLAW_GATEWAY_TOKEN to the token it was started with.",
    },
  );
}

/** Asks where the configuration says, unless that has just been asked. Without a valid one there is nowhere else to ask. */
async function askConfigured(control: ControlPlaces, question: Question): Promise<Answer | undefined> {
  const { written } = control;
  const place = await control.configured().catch(() => undefined);
  if (place === undefined || place.port === 0) return undefined;
  const isSame = written && place.port === written.port && place.token === written.token;
  return isSame ? undefined : exchange(place, question);
}

/** As `askGateway`, for commands that are nothing without a gateway. Contract: rejects with `gateway/not-running` when there is none. */
export async function needGateway<T>(control: ControlPlaces, question: Question): Promise<T> {
  const answer = await askGateway<T>(control, question);
  if (answer !== undefined) return answer;
  // A configuration that cannot be read may be the only reason why the gateway was not found.
  await control.config();
  throw new GatewayError("gateway/not-running", "The gateway is not running.", {
    hint: "Start it with `coderclaw gateway`.",
  });
}

function bodyOf({ status, body }: Answer): unknown {
  if (status < 400) return body;
  throw toError(body);
}

function render(place: ControlPlace, question: Question): string {
  const { token } = place;
  const body = question.body === undefined ? "" : JSON.stringify(question.body);
  return [
    `${question.method} ${question.path} HTTP/1.0`,
    `Host: ${renderAddress(place)}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === "" ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`]),
    "",
    body,
  ].join("\r\n");
}

/** Sends the question and takes everything up to the end of the connection. Undefined: nobody listens, or not one of ours. */
async function exchange(place: ControlPlace, question: Question): Promise<Answer | undefined> {
  const timeoutMs = question.timeoutMs ?? 10_000;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: place.host, port: place.port }, () => {
      socket.write(render(place, question));
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(silent(place, timeoutMs));
    }, timeoutMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {
      // Told by `close`: without an answer there is no gateway.
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(parseAnswer(Buffer.concat(chunks).toString("utf8"), place));
    });
  });
}

function silent(place: ControlPlace, timeoutMs: number): GatewayError {
  return new GatewayError(
    "gateway/not-running",
    `What listens at ${renderAddress(place)} did not answer within ${timeoutMs / 1000} s.`,
    { hint: "If it is the gateway, look at its log and restart it.", effect: "maybe" },
  );
}

interface Answer {
  readonly place: ControlPlace;
  /** Which gateway answered, as far as it says. */
  readonly listener: Listener | undefined;
  readonly status: number;
  readonly body: unknown;
}

/** Undefined when the answer is not this product's. */
function parseAnswer(raw: string, place: ControlPlace): Answer | undefined {
  const end = raw.indexOf("\r\n\r\n");
  const head = raw.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head[0] ?? "")?.[1]);
  const isOurs = head.some((line) => /^server:\s*coderclaw$/i.test(line));
  if (end === -1 || !isOurs || Number.isNaN(status)) return undefined;
  try {
    const listener = parseListener(raw.slice(0, end));
    return { place, listener, status, body: JSON.parse(raw.slice(end + 4)) };
  } catch {
    return undefined;
  }
}

function toError(body: unknown): GatewayError {
  const { code, message, hint } = (body as { error?: Partial<Record<string, string>> }).error ?? {};
  const known = code !== undefined && code in ERROR_CATALOGUE ? (code as ErrorCode) : "gateway/refused";
  return new GatewayError(known, message ?? "The gateway refused the request.", {
    hint: hint ?? "Look at the gateway's log.",
  });
}
