// What is a command, in every spelling, and who may give it.
import { describe, expect, test } from "vitest";
import type { CommandName } from "../model/command.ts";
import { COMMANDS, commandsFor, composeCommand, isBareStop, mayGive, parseCommand } from "./command.ts";

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
    "/new.",
    "/help/me",
    "/etc/passwd",
    "/constructor",
    "/unknown thing",
    "please /help",
    "stop",
    "cancel",
    "what is /help?",
    "／help",
  ])("%j is text", (text) => {
    expect(parseCommand(text)).toBeUndefined();
  });
  test.each(["stop", " Stop.", "CANCEL", "abort!", "stop!!!"])("%j stops what runs", (text) => {
    expect([isBareStop(text), parseCommand(text)]).toEqual([true, undefined]);
  });
  test.each(["/stop", "stop it", "don't stop", "stopp", "stop, please", "STOP?", ""])(
    "%j is no bare stop",
    (text) => {
      expect(isBareStop(text)).toBe(false);
    },
  );
});

test("who may give what", () => {
  const owners: CommandName[] = ["agent", "mode", "model", "pairing", "config"];
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
  expect(list("owner", false)).toEqual([...everybody, "/agent", "/mode", "/model", "/pairing"]);
  expect(list("owner", true)).toEqual([...everybody, "/agent", "/mode", "/model", "/pairing", "/config"]);
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
