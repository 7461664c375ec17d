// Asks the running gateway over its control server. Plain HTTP/1.0 on a socket: loading an HTTP client takes longer than a command.
import { connect } from "node:net";
import type { GatewayAddress } from "../control/gateway-address.ts";
import type { ControlPlace } from "../gateway/open-state.ts";
import { ERROR_CATALOGUE, GatewayError, type ErrorCode } from "../model/errors.ts";

/** One question. */
export interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Default 10000. */
  readonly timeoutMs?: number;
}

/**
 * Asks the gateway; the answer is its JSON. Undefined: no gateway listens there.
 *
 * Contract: rejects with what the gateway answered as an error, or `gateway/not-running` when something listens and stays silent.
 */
export async function askGateway<T>(control: ControlPlace, question: Question): Promise<T | undefined> {
  const { address, token } = control;
  if (address === undefined || address.port === 0) return undefined;
  const raw = await exchange(address, render(address, token, question), question.timeoutMs ?? 10_000);
  if (raw === undefined) return undefined;
  const answer = parseAnswer(raw);
  // Some other program has the port.
  if (answer === undefined) return undefined;
  if (answer.status < 400) return answer.body as T;
  throw toError(answer.body);
}

/** As `askGateway`, for commands that are nothing without a gateway. Contract: rejects with `gateway/not-running` when there is none. */
export async function needGateway<T>(control: ControlPlace, question: Question): Promise<T> {
  const answer = await askGateway<T>(control, question);
  if (answer !== undefined) return answer;
  // A configuration that cannot be read may be the only reason why the gateway was not found.
  if (control.config instanceof GatewayError) throw control.config;
  throw new GatewayError("gateway/not-running", "The gateway is not running.", {
    hint: "Start it with `coderclaw gateway`.",
  });
}

function render(address: GatewayAddress, token: string | undefined, question: Question): string {
  const body = question.body === undefined ? "" : JSON.stringify(question.body);
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return [
    `${question.method} ${question.path} HTTP/1.0`,
    `Host: ${host}:${address.port}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === "" ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`]),
    "",
    body,
  ].join("\r\n");
}

/** Sends the request and takes everything up to the end of the connection. Undefined: nobody listens. */
async function exchange(
  address: GatewayAddress,
  request: string,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let isConnected = false;
    const socket = connect(address, () => {
      isConnected = true;
      socket.write(request);
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(silent(address, timeoutMs));
    }, timeoutMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {
      // Reported by `close`: without an answer there is no gateway.
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(isConnected ? Buffer.concat(chunks).toString("utf8") : undefined);
    });
  });
}

function silent({ host, port }: GatewayAddress, timeoutMs: number): GatewayError {
  return new GatewayError(
    "gateway/not-running",
    `What listens at ${host}:${port} did not answer within ${timeoutMs / 1000} s.`,
    { hint: "If it is the gateway, look at its log and restart it.", effect: "maybe" },
  );
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Undefined when the answer is not this product's. */
function parseAnswer(raw: string): Answer | undefined {
  const end = raw.indexOf("\r\n\r\n");
  const head = raw.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head[0] ?? "")?.[1]);
  const isOurs = head.some((line) => /^server:\s*coderclaw$/i.test(line));
  if (end === -1 || !isOurs || Number.isNaN(status)) return undefined;
  try {
    return { status, body: JSON.parse(raw.slice(end + 4)) };
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
