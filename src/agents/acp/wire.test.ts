import fc from "fast-check";
import { expect, test } from "vitest";
import { parseUpdate } from "./update.ts";
import { createWire } from "./wire.ts";

function open() {
  const written: string[] = [];
  const updates: unknown[] = [];
  const noise: string[] = [];
  const wire = createWire(
    (line) => {
      written.push(line);
      return true;
    },
    { onUpdate: (params) => updates.push(params), onNoise: (what) => noise.push(what) },
  );
  const say = (text: string): void => wire.push(Buffer.from(text));
  return { wire, written, updates, noise, say };
}

async function readAll(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const message of stream) read.push(message);
  return read;
}

test("requests and awaited answers go to the connection, updates do not, and the rest is noise", async () => {
  const { wire, written, updates, noise, say } = open();
  const writer = wire.stream.writable.getWriter();
  await writer.write({ jsonrpc: "2.0", id: 0, method: "initialize", params: { text: "a\u2028b\nc" } });
  expect(written).toEqual([
    '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"text":"a\u2028b\\nc"}}\n',
  ]);
  say("Welcome!\n\n[1]\n7\nnull\n{broken\n{}\n");
  say('{"jsonrpc":"2.0","method":"session/update","params":{"n":1}}\n{"jsonrpc":"2.0","id":9,"met');
  say('hod":"session/request_permission"}\r\n{"jsonrpc":"2.0","method":"_odd/notice"}\n');
  say('{"jsonrpc":"2.0","id":0,"result":{}}\n{"jsonrpc":"2.0","id":0,"result":"again"}\n');
  wire.end();
  expect(await readAll(wire.stream.readable)).toEqual([
    { jsonrpc: "2.0", id: 9, method: "session/request_permission" },
    { jsonrpc: "2.0", id: 0, result: {} },
  ]);
  expect(updates).toEqual([{ n: 1 }]);
  expect(noise).toHaveLength(8);
});

test("a line that is too long is dropped, and the next one is read", () => {
  const { wire, updates, noise, say } = open();
  const half = Buffer.alloc(17 * 1024 * 1024, "x");
  wire.push(half);
  wire.push(half);
  say('\n{"jsonrpc":"2.0","method":"session/update","params":1}\n');
  expect(updates).toEqual([1]);
  expect(noise).toEqual([expect.stringContaining("a line of more than")]);
});

test("whatever is printed, nothing throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (printed) => {
      const { wire } = open();
      wire.push(typeof printed === "string" ? Buffer.from(`${printed}\n`) : printed);
      wire.end();
    }),
  );
});

test("whatever an update holds, reading it does not throw and knows only what has a use", () => {
  const kinds = ["agent_message_chunk", "tool_call", "tool_call_update", "current_mode_update"];
  const shape = fc.record({
    sessionId: fc.oneof(fc.constant("s"), fc.anything()),
    update: fc.oneof(
      fc.anything(),
      fc.record({
        sessionUpdate: fc.constantFrom(...kinds),
        content: fc.anything(),
        toolCallId: fc.anything(),
      }),
    ),
  });
  fc.assert(
    fc.property(fc.oneof(fc.anything(), shape), (params) => {
      const kinds = ["text", "file", "tool", "mode", "options", "commands", "person", "other"];
      const read = parseUpdate(params);
      if (read) expect(kinds).toContain(read.update.kind);
    }),
  );
  for (const sessionUpdate of ["agent_thought_chunk", "user_message_chunk", "plan", "usage_update", "new"])
    expect(
      JSON.stringify(
        parseUpdate({ sessionId: "s", update: { sessionUpdate, content: { type: "text", text: "no" } } }),
      ),
    ).not.toContain("no");
});
