// The lines between the gateway and an agent: what the agent prints becomes protocol messages, and anything else is noise.
import type { AnyMessage, Stream } from "@agentclientprotocol/sdk";
import { createLineSplitter } from "../../lib/jsonl.ts";
import { fieldsOf } from "./loose.ts";

/** A longer line is dropped. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** Told what does not go to the connection. */
export interface WireSink {
  /** The parameters of a `session/update`. Contract: called in the order of the lines, before a later line's answer is known to anybody. */
  readonly onUpdate: (params: unknown) => void;
  /** Something that is no message of the protocol, or that nobody waits for; a short text. */
  readonly onNoise: (what: string) => void;
}

/** Both directions of an agent's pipes. */
export interface Wire {
  /** For the connection. */
  readonly stream: Stream;
  /** Takes what the agent printed. */
  push(chunk: Uint8Array): void;
  /** The agent is gone. */
  end(): void;
}

/**
 * Frames the pipes of an agent.
 *
 * Updates are not given to the connection: it tells of notifications after answers that came behind them, and a turn's last words would
 * be lost.
 */
export function createWire(write: (line: string) => boolean, { onUpdate, onNoise }: WireSink): Wire {
  const awaited = new Set<unknown>();
  let incoming: ReadableStreamDefaultController<AnyMessage> | undefined;
  const readable = new ReadableStream<AnyMessage>({
    start: (controller) => {
      incoming = controller;
    },
    cancel: () => {
      incoming = undefined;
    },
  });
  const writable = new WritableStream<AnyMessage>({
    write: (message) => {
      if ("method" in message && "id" in message) awaited.add(message.id);
      if (!write(`${JSON.stringify(message)}\n`)) throw new Error("the agent does not read any more");
    },
  });

  const take = (line: string): void => {
    if (line.trim() === "") return;
    const message = fieldsOf(parse(line));
    const isCall = typeof message["method"] === "string";
    const isAnswer = !isCall && ("result" in message || "error" in message);
    if (message["jsonrpc"] !== "2.0" || (!isCall && !isAnswer)) return onNoise(line.slice(0, 200));
    if (message["method"] === "session/update") return onUpdate(message["params"]);
    if (isCall && !("id" in message))
      return onNoise(`notification ${String(message["method"]).slice(0, 100)}`);
    if (isAnswer && !awaited.delete(message["id"])) return onNoise("an answer that nobody waits for");
    incoming?.enqueue(message as unknown as AnyMessage);
  };
  const splitter = createLineSplitter(take, MAX_LINE_BYTES, () =>
    onNoise(`a line of more than ${MAX_LINE_BYTES} bytes`),
  );
  return {
    stream: { readable, writable },
    push: (chunk) => splitter.push(chunk),
    end: () => {
      incoming?.close();
      incoming = undefined;
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
