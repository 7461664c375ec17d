// Neighbours of the recorded request lines: ids, methods and parameters of every kind, framing, and limits.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Executable } from "../../src/simulator/executable.ts";
import { World } from "./world.ts";

const ANSWER_MS = 10_000;

let world: World;
let child: Executable;

beforeAll(() => {
  world = new World();
  const env = { HOME: world.path("/home/user"), IMSG_SIM_DIALECT: "legacy", IMSG_SIM_LINUX: "1" };
  child = new Executable(["rpc", "--db", world.path("/data/chat.db")], { env });
});
afterAll(() => {
  child.process.kill();
  world.destroy();
});

/** What a line is answered with, as it is written. */
async function answerTo(line: string): Promise<string> {
  child.process.stdin.write(`${line}\n`);
  const [answer = ""] = await child.take(1, ANSWER_MS);
  return answer;
}

interface Answer {
  readonly id?: unknown;
  readonly result?: { readonly chats?: object[]; readonly messages?: object[] };
  readonly error?: { readonly code: number; readonly data: string };
}

async function answer(line: string): Promise<Answer> {
  return JSON.parse(await answerTo(line)) as Answer;
}

describe("an id is written again as it was understood", () => {
  test.each([
    ["1", "1"],
    ["-1", "-1"],
    ["0", "0"],
    ["-0", "0"],
    ["1.0", "1"],
    ["1.50", "1.5"],
    ["1e2", "100"],
    ["1E2", "100"],
    ["0.1", "0.1"],
    ["1e-7", "1e-07"],
    ["1e30", "1e+30"],
    ["9007199254740993", "9007199254740993"],
    ["9223372036854775807", "9223372036854775807"],
    ["9223372036854775808", "9223372036854775808"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["18446744073709551616", "18446744073709551616"],
    ["true", "true"],
    ["false", "false"],
    ["null", "null"],
    ['""', '""'],
    ['"1"', '"1"'],
    ['"a\\u0000b"', '"a\\u0000b"'],
    ['"\\ud83d\\ude00"', '"😀"'],
    ["[]", "[]"],
    ["[1,[2.0]]", "[1,[2]]"],
    ["{}", "{}"],
    ['{"a":1.0}', '{"a":1}'],
  ])("%s → %s", async (id, wanted) => {
    expect(await answerTo(`{"jsonrpc":"2.0","id":${id},"method":"nope"}`)).toContain(`"id":${wanted},`);
  });
});

describe("a method", () => {
  test.each([
    ['"chats.list"', undefined],
    ['"Chats.list"', -32601],
    ['"chats.list "', -32601],
    ['" chats.list"', -32601],
    ['"chats"', -32601],
    ['"chats.list.all"', -32601],
    ['"initialize"', -32601],
    ['"__proto__"', -32601],
    ['"constructor"', -32601],
    ['"chats.\\u006cist"', undefined],
    ['""', -32600],
    ["null", -32600],
    ["1", -32600],
    ["[]", -32600],
    ['{"name":"chats.list"}', -32600],
  ])("%s", async (method, code) => {
    const { error } = await answer(`{"jsonrpc":"2.0","id":1,"method":${method}}`);
    expect(error?.code).toBe(code);
  });
});

describe("the version", () => {
  test.each([
    ['"2.0"', undefined],
    ['"2"', -32600],
    ['""', -32600],
    ['"2.0 "', -32600],
    ["2", undefined],
    ["2.0", undefined],
    ["null", undefined],
    ["[]", undefined],
  ])("%s", async (version, code) => {
    const { error } = await answer(`{"jsonrpc":${version},"id":1,"method":"chats.list"}`);
    expect(error?.code).toBe(code);
  });
});

describe("a line", () => {
  const CALL = '{"jsonrpc":"2.0","id":1,"method":"chats.list","params":{"limit":1}}';

  test.each([
    ["as it is", CALL, undefined],
    ["with blanks around it", `\t ${CALL} \r`, undefined],
    ["with blanks of Unicode around it", `\u00A0\u2003${CALL}\u3000\u200B`, undefined],
    ["with a comma at the end", CALL.replace("}}", ",},}"), undefined],
    ["with the version twice", CALL.replace("{", '{"jsonrpc":"1.0",'), undefined],
    ["with a mark of the byte order", `\u{FEFF}${CALL}`, undefined],
    ["in an array", `[${CALL}]`, -32600],
    ["an empty array", "[]", -32600],
    ["an array with a comma", "[1,]", -32600],
    ["a text", '"x"', -32700],
    ["a number", "1", -32700],
    ["true", "true", -32700],
    ["with text behind it", `${CALL} x`, -32700],
    ["with a comma alone", "{,}", -32700],
    ["with a comment", `${CALL} // x`, -32700],
    ["with half a surrogate pair", CALL.replace("limit", "\\ud83d"), -32700],
    ["with a number too large", CALL.replace(":1}", ":1e999}"), -32700],
    ["with a tab in a text", CALL.replace("limit", "a\tb"), -32700],
  ])("%s", async (_title, line, code) => {
    expect((await answer(line)).error?.code).toBe(code);
  });
});

describe("limit", () => {
  const ALL = 10;
  test.each([
    ["1", 1],
    ["3", 3],
    ["0", 1],
    ["-5", 1],
    ["1.9", 1],
    ["2.0", 2],
    ["2e0", 2],
    ["1e30", 1],
    ["-1e30", 1],
    ["9223372036854775807", ALL],
    ["9223372036854775808", ALL],
    ["18446744073709551616", 1],
    ["99999999999999999999", ALL],
    ['"2"', 2],
    ['"+2"', 2],
    ['"-2"', 1],
    ['"02"', 2],
    ['" 2"', ALL],
    ['"2.0"', ALL],
    ['"9223372036854775807"', ALL],
    ['"9223372036854775808"', ALL],
    ["true", 1],
    ["false", 1],
    ["null", ALL],
    ["[]", ALL],
    ["[2]", ALL],
    ["{}", ALL],
  ])("%s of chats.list", async (limit, chats) => {
    const { result } = await answer(
      `{"jsonrpc":"2.0","id":1,"method":"chats.list","params":{"limit":${limit}}}`,
    );
    expect(result?.chats).toHaveLength(chats);
  });
});

describe("chat_id", () => {
  test.each([
    ["2", 3],
    ['"2"', 3],
    ["2.9", 3],
    ["2e0", 3],
    ["4294967298", 0],
    ["9223372036854775809", 0],
    ['"9223372036854775808"', -32602],
    ['"2.0"', -32602],
    ['""', -32602],
    ["null", -32602],
    ["[2]", -32602],
    ["{}", -32602],
  ])("%s of messages.history", async (chatId, wanted) => {
    const line = `{"jsonrpc":"2.0","id":1,"method":"messages.history","params":{"chat_id":${chatId}}}`;
    const { result, error } = await answer(line);
    if (wanted < 0) expect(error).toMatchObject({ code: wanted, data: "chat_id is required" });
    else if (wanted === 0) expect(result?.messages).toEqual([]);
    else expect(result?.messages?.length).toBeGreaterThan(0);
  });

  test.each(["null", "[1]", '"x"', "7", "true"])("params %s count as none", async (params) => {
    const line = `{"jsonrpc":"2.0","id":1,"method":"messages.history","params":${params}}`;
    expect((await answer(line)).error?.data).toBe("chat_id is required");
  });
});

describe("participants", () => {
  test.each([
    ['["+14155551212"]', true],
    ['["nobody","+14155551212"]', true],
    ['"+14155551212"', true],
    ['" nobody , +14155551212 ,"', true],
    ["[14155551212]", false],
    ['["+1415555121"]', false],
    ["[]", true],
    ['""', true],
    ['","', true],
    ["null", true],
    ["[null]", true],
    ["[[]]", true],
    ["{}", true],
    ["5", true],
  ])("%s", async (participants, isFound) => {
    const line = `{"jsonrpc":"2.0","id":1,"method":"messages.history","params":{"chat_id":1,"participants":${participants}}}`;
    expect(((await answer(line)).result?.messages?.length ?? 0) > 0).toBe(isFound);
  });
});

describe("start and end", () => {
  const history = (span: string) =>
    answer(`{"jsonrpc":"2.0","id":1,"method":"messages.history","params":{"chat_id":1,${span}}}`);

  test.each([
    ['"start":" 2026-05-01T10:01:00Z"', true],
    ['"start":"2026-05-01T10:01:00 Z"', true],
    ['"start":"2026-05-01T24:00:00Z"', true],
    ['"start":"2026-05-01T10:01:00.123456789Z"', true],
    ['"start":"2026-05-01T12:01:00+0200"', true],
    ['"start":"26-05-01T10:01:00Z"', true],
    ['"start":null', true],
    ['"start":[]', true],
    ['"start":"2026-05-01t10:01:00Z"', false],
    ['"start":"2026-05-01 10:01:00Z"', false],
    ['"start":"2026-05-01T10:01:60Z"', false],
    ['"start":5', false],
    ['"end":true', false],
  ])("%s", async (span, isTaken) => {
    const { error } = await history(span);
    if (isTaken) expect(error).toBeUndefined();
    else
      expect(error).toMatchObject({ code: -32603, data: expect.stringMatching(/^Invalid ISO8601 date: /u) });
  });

  test("the end before the start finds nothing, and one time nothing either", async () => {
    const [late, early] = ["2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"];
    expect((await history(`"start":"${late}","end":"${early}"`)).result?.messages).toEqual([]);
    expect((await history(`"start":"${early}","end":"${early}"`)).result?.messages).toEqual([]);
  });
});
