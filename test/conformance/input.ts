// What was really written to stdin where the recorder noted it in words.

const PIPELINED = /^20 pipelined requests ids 100\.\.119/u;

/** The bytes of one `in` record. */
export function bytesOf(line: string): Uint8Array {
  if (line === "(three blank lines)") return Buffer.from("\n\n\n");
  if (PIPELINED.test(line)) return Buffer.from(pipelined());
  const notJson = /^"(.)"\*(\d+) \(not JSON\)$/u.exec(line);
  if (notJson !== null) return Buffer.from(`${(notJson[1] ?? "").repeat(Number(notJson[2]))}\n`);
  const text = line
    .replace(/\\r\\n \(CRLF\)$/u, "\r")
    .replace(/^<BOM>/u, "\uFEFF")
    .replace("<00>", "\0")
    .replace(/"x"\*(\d+)/u, (_, count: string) => JSON.stringify("x".repeat(Number(count))));
  return withInvalidBytes(isPart(text) ? text : `${text}\n`);
}

/** A request written in three parts, and one that no newline followed. */
function isPart(text: string): boolean {
  return (
    text === '{"jsonrpc":"2.0","id":200,' || text === '"method":"chats.list",' || text.includes('"id":201,')
  );
}

function pipelined(): string {
  return Array.from({ length: 20 }, (_, index) => {
    const history = index % 2 === 1;
    const params = history ? { chat_id: 1, limit: 1 } : { limit: 1 };
    const method = history ? "messages.history" : "chats.list";
    return `${JSON.stringify({ jsonrpc: "2.0", id: 100 + index, method, params })}\n`;
  }).join("");
}

function withInvalidBytes(text: string): Uint8Array {
  const [before = "", after] = text.split("<ff><fe>");
  if (after === undefined) return Buffer.from(text);
  return Buffer.concat([Buffer.from(before), Buffer.of(0xff, 0xfe), Buffer.from(after)]);
}
