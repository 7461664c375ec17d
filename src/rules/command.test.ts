// What is a command, in every spelling, and who may give it.
import { describe, expect, test } from "vitest";
import type { CommandName } from "../model/command.ts";
import {
  asAgentCommand,
  COMMANDS,
  commandsFor,
  composeCommand,
  isBareStop,
  mayGive,
  parseCommand,
  unknownCommand,
} from "./command.ts";

describe("what is a command", () => {
  test.each([
    ["/help", "help", ""],
    ["/commands", "help", ""],
    ["/ID", "whoami", ""],
    ["  /Status \n", "status", ""],
    ["/new", "new", ""],
    ["/new: hello", "new", "hello"],
    ["/new:hello", "new", "hello"],
    ["/new : hello", "new", "hello"],
    ["/New hello\nworld ", "new", "hello\nworld"],
    ["/reset\nfirst line\n\nsecond", "reset", "first line\n\nsecond"],
    ["/stop", "stop", ""],
    ["/Stop. ", "stop", ""],
    ["/stop!!", "stop", ""],
    ["/agent Coder", "agent", "Coder"],
    ["/Mode Plan mode", "mode", "Plan mode"],
    ["/model", "model", ""],
    ["/config set a.b=1", "config", "set a.b=1"],
    ["/config: set a:b 1", "config", "set a:b 1"],
    ["/pairing approve ABCDEFGH", "pairing", "approve ABCDEFGH"],
    ["/new.", "new", ""],
    ["/new. hello", "new", "hello"],
    ["/Reset!", "reset", ""],
    ["/status…", "status", ""],
    ["/status?", "status", ""],
    ["/help?!", "help", ""],
    ["/whoami。", "whoami", ""],
    ["/stop！", "stop", ""],
    ["/new،", "new", ""],
    ["／status", "status", ""],
    ["／ｓｔａｔｕｓ", "status", ""],
    ["⁄help", "help", ""],
    ["∕new：hello", "new", "hello"],
    ["\u200b/help", "help", ""],
    ["\u200e\u202a/status\u202c", "status", ""],
    ["\ufeff \u2060/new\u00a0 hello\u200b", "new", "hello"],
    ["\ufffc/help", "help", ""],
    ["/new ❤️", "new", "❤️"],
    ["/new 👨\u200d👩\u200d👧", "new", "👨\u200d👩\u200d👧"],
  ])("%j is %s with %j", (text, name, args) => {
    expect(parseCommand(text)).toEqual({ name, args });
  });
  test.each([
    "",
    "/",
    "/ help",
    "//help",
    "/helpme",
    "/models",
    "/stop?",
    "/new?",
    "/reset？",
    "/new.txt is gone",
    "/help.me",
    "/сonfig show",
    "/help/me",
    "/etc/passwd",
    "/constructor",
    "/unknown thing",
    "please /help",
    "stop",
    "cancel",
    "what is /help?",
    "／／help",
    "\\help",
  ])("%j is text", (text) => {
    expect(parseCommand(text)).toBeUndefined();
  });
  test.each(["stop", " Stop.", "CANCEL", "abort!", "stop!!!", "\u200estop\u200b", "stop。"])(
    "%j stops what runs",
    (text) => {
      expect([isBareStop(text), parseCommand(text)]).toEqual([true, undefined]);
    },
  );
  test.each(["/stop", "stop it", "don't stop", "stopp", "stop, please", "STOP?", ""])(
    "%j is no bare stop",
    (text) => {
      expect(isBareStop(text)).toBe(false);
    },
  );
});

test("who may give what", () => {
  const owners: CommandName[] = ["page", "agent", "mode", "model", "pairing", "config"];
  for (const name of Object.keys(COMMANDS) as CommandName[]) {
    expect(mayGive(name, "owner")).toBe(true);
    expect(mayGive(name, "authorised")).toBe(!owners.includes(name));
  }
});

test("the list shows what can be used", () => {
  const list = (role: "owner" | "authorised", config: boolean): string[] =>
    commandsFor(role, { config, useAccessGroups: true, allowSms: false }).map(
      ({ usage }) => usage.split(" ")[0] ?? "",
    );
  const everybody = ["/help", "/whoami", "/status", "/new", "/reset", "/stop"];
  expect(list("authorised", true)).toEqual(everybody);
  const owners = [...everybody.toSpliced(3, 0, "/page"), "/agent", "/mode", "/model", "/pairing"];
  expect(list("owner", false)).toEqual(owners);
  expect(list("owner", true)).toEqual([...owners, "/config"]);
});

test.each([
  ["new", "", true],
  ["reset", "x", true],
  ["agent", "coder", true],
  ["agent", "", false],
  ["mode", "plan", true],
  ["mode", "", false],
  ["model", "default", true],
  ["model", "", false],
  ["help", "", false],
  ["stop", "", false],
  ["pairing", "list", false],
  ["config", "show", false],
] as const)("/%s %s waits for its turn: %s", (name, args, inOrder) => {
  expect(composeCommand({ name, args }, "owner")).toEqual({ name, args, role: "owner", inOrder });
});

describe("a word of the agent's own behind a slash", () => {
  test.each([
    ["/compact", "compact", "/compact"],
    ["/compact.", "compact", "/compact"],
    ["  ／compact now.", "compact", "/compact now."],
    ["\u200b/mcp:list\nmore", "mcp:list", "/mcp:list\nmore"],
    ["/v1.2 is out", "v1.2", "/v1.2 is out"],
    ["/stauts", "stauts", "/stauts"],
    ["/помощь", "помощь", "/помощь"],
  ])("%j is %s, and reaches the agent as %j", (text, word, told) => {
    expect([unknownCommand(text), asAgentCommand(text)]).toEqual([word, told]);
  });
  test.each([
    "/help",
    "/new. hi",
    "/stop?",
    "/etc/hosts is wrong",
    "/",
    "//x",
    "hello /x",
    "",
    "and/or",
    `/${"x".repeat(99)}`,
  ])("%j is none", (text) => {
    expect([unknownCommand(text), asAgentCommand(text)]).toEqual([undefined, text]);
  });
});

test("reading takes time that grows with the text, whatever it is made of", () => {
  const pieces = [" ", ".", "/", "a", "/a", "/new", "\u200b", "a.", ":", "/new .", "\ufffc"];
  const time = (text: string): number => {
    const began = process.cpuUsage().user;
    for (const read of [parseCommand, isBareStop, unknownCommand, asAgentCommand]) read(`/new${text}x`);
    return process.cpuUsage().user - began;
  };
  for (const piece of pieces) expect(time(piece.repeat(200_000))).toBeLessThan(500_000);
});
