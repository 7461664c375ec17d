import { describe, expect, test } from "vitest";
import { compile, problems, settings } from "../../../test/config/compile-for-test.ts";

const withRuntime = (runtime: object) => ({ agents: { defaults: { runtime } } });
const resolved = (runtime: object) => settings(withRuntime(runtime)).agents[0]?.runtime;
const model = { type: "model", baseUrl: "http://127.0.0.1:11434/v1", model: "llama3.2" };
const acp = { type: "acp", command: ["opencode", "acp"] };

describe("what is resolved", () => {
  test("a program's memory", () => {
    const command = { type: "command", command: ["a"] };
    expect(resolved(command)).toMatchObject({ timeoutMs: 600_000, memoryBytes: undefined });
    expect(resolved({ ...command, memoryMb: 2 })).toMatchObject({ memoryBytes: 2 * 1024 * 1024 });
  });

  test("an ACP agent, with defaults and without", () => {
    expect(resolved(acp)).toEqual({
      type: "acp",
      command: ["opencode", "acp"],
      env: {},
      permissions: "ask",
      mode: undefined,
      model: undefined,
      timeoutMs: 600_000,
      memoryBytes: undefined,
    });
    const own = { env: { A: "" }, permissions: "deny", mode: "plan", model: "m", timeoutSeconds: 0.5 };
    expect(resolved({ ...acp, ...own, memoryMb: 1 })).toEqual({
      type: "acp",
      command: ["opencode", "acp"],
      env: { A: "" },
      permissions: "deny",
      mode: "plan",
      model: "m",
      timeoutMs: 500,
      memoryBytes: 1024 * 1024,
    });
  });

  test("a model, with defaults and without", () => {
    expect(resolved(model)).toEqual({
      type: "model",
      baseUrl: "http://127.0.0.1:11434/v1",
      apiKey: undefined,
      model: "llama3.2",
      system: "",
      historyTokens: 8000,
      vision: false,
      timeoutMs: 600_000,
    });
    const own = { apiKey: "k", system: "Be brief.", historyTokens: 0, vision: true, timeoutSeconds: 2 };
    expect(resolved({ ...model, ...own, baseUrl: "HTTPS://API.example.com/v1//" })).toEqual({
      type: "model",
      baseUrl: "https://api.example.com/v1",
      apiKey: "k",
      model: "llama3.2",
      system: "Be brief.",
      historyTokens: 0,
      vision: true,
      timeoutMs: 2000,
    });
  });

  test("streaming and long turns: the agent's, else those of all, else the default", () => {
    expect(settings("").agents).toMatchObject([{ streaming: "off", longTurnMs: 60_000 }]);
    const list = [{ id: "a" }, { id: "b", streaming: "off", longTurnSeconds: 0 }];
    const defaults = { streaming: "paragraphs", longTurnSeconds: 1.5 };
    expect(settings({ agents: { defaults, list } }).agents).toMatchObject([
      { id: "a", streaming: "paragraphs", longTurnMs: 1500 },
      { id: "b", streaming: "off", longTurnMs: 0 },
    ]);
  });

  test.each([
    [{}, { mode: "never" }],
    [{ mode: "daily" }, { mode: "daily", atHour: 4 }],
    [
      { mode: "daily", atHour: 0 },
      { mode: "daily", atHour: 0 },
    ],
    [{ mode: "idle" }, { mode: "idle", idleMs: 3_600_000 }],
    [
      { mode: "idle", idleMinutes: 1 },
      { mode: "idle", idleMs: 60_000 },
    ],
  ])("reset %j", (reset, expected) => {
    expect(settings({ session: { reset } }).sessionReset).toEqual(expected);
  });
});

describe("what is refused, with path, reason and what to do", () => {
  const AT = "agents.defaults.runtime";
  test.each<[string, object, string, string]>([
    [
      "an empty command",
      { type: "acp", command: [] },
      `${AT}.command[0] is missing`,
      `Add ${AT}.command[0].`,
    ],
    [
      "a command that is a text",
      { type: "acp", command: "goose acp" },
      `${AT}.command is "goose acp": must be a list`,
      'Write a list: `["goose", "acp"]`.',
    ],
    [
      "permissions",
      { ...acp, permissions: "alow" },
      `${AT}.permissions is "alow": must be one of "ask", "allow", "deny"`,
      'Write "allow".',
    ],
    [
      "a variable that is no text",
      { ...acp, env: { KEY: 5 } },
      `${AT}.env.KEY is ••••: must be a text in quotes`,
      `Correct ${AT}.env.KEY.`,
    ],
    [
      "the name of a variable",
      { ...acp, env: { "A=B": "x" } },
      `${AT}.env["A=B"]: the key "A=B" cannot name a variable`,
      "Use letters, digits and `_`.",
    ],
    [
      "a NUL in a variable",
      { ...acp, env: { KEY: "sec\0ret" } },
      `${AT}.env.KEY holds a NUL character, which no variable can`,
      "Take it out.",
    ],
    [
      "memory",
      { ...acp, memoryMb: 0.5 },
      `${AT}.memoryMb is 0.5: must be a whole number`,
      `Correct ${AT}.memoryMb.`,
    ],
    [
      "a key of another type",
      { ...acp, apiKey: "x" },
      `${AT}.apiKey is not a known key; the nearest known key is type`,
      "Remove the key.",
    ],
    [
      "no model",
      { type: "model", baseUrl: model.baseUrl },
      `${AT}.model is missing`,
      `Add ${AT}.model: name of the model, as the API knows it.`,
    ],
    [
      "no URL",
      { ...model, baseUrl: "localhost:11434" },
      `${AT}.baseUrl is "localhost:11434": must be an http or https URL`,
      'Write such as "http://127.0.0.1:11434/v1".',
    ],
    [
      "another protocol",
      { ...model, baseUrl: "file:///etc/passwd" },
      `${AT}.baseUrl is "file:///etc/passwd": must be an http or https URL`,
      'Write such as "http://127.0.0.1:11434/v1".',
    ],
    [
      "the whole address",
      { ...model, baseUrl: "https://a.example/v1/chat/completions/" },
      `${AT}.baseUrl is "https://a.example/v1/chat/completions/": \`/chat/completions\` is put behind it`,
      'Write "https://a.example/v1".',
    ],
    [
      "a password in the URL",
      { ...model, baseUrl: "https://me:secret@a.example/v1" },
      `${AT}.baseUrl holds a user name or a password`,
      "Take it out of the URL; a key goes into `apiKey`.",
    ],
    [
      "a password in what is no URL",
      { ...model, baseUrl: "htp://me:secret@a b/v1" },
      `${AT}.baseUrl holds a user name or a password`,
      "Take it out of the URL; a key goes into `apiKey`.",
    ],
    [
      "a key in the URL",
      { ...model, baseUrl: "https://a.example/v1?key=secret" },
      `${AT}.baseUrl goes on with \`?\` or \`#\`: \`/chat/completions\` is put behind it`,
      "Take away what begins there; a key goes into `apiKey`.",
    ],
    [
      "a key with a line break",
      { ...model, apiKey: "secret\n" },
      `${AT}.apiKey holds a blank, a line break or a character that no key has`,
      "Write the key alone, without quotes or blanks around it.",
    ],
    [
      "history below nothing",
      { ...model, historyTokens: -1 },
      `${AT}.historyTokens is -1: must be 0 or more`,
      `Correct ${AT}.historyTokens.`,
    ],
  ])("%s", (_name, runtime, message, hint) => {
    const found = problems(withRuntime(runtime));
    expect(found).toMatchObject([{ message, hint, line: 1, unsupported: false }]);
    expect(JSON.stringify(found)).not.toContain("secret");
  });

  test.each([
    ["never", "atHour", 4, "daily"],
    ["idle", "atHour", 4, "daily"],
    ["daily", "idleMinutes", 5, "idle"],
    ["never", "idleMinutes", 5, "idle"],
  ])("mode %s with %s", (mode, name, value, reads) => {
    expect(problems({ session: { reset: { mode, [name]: value } } })).toMatchObject([
      {
        path: `session.reset.${name}`,
        message: `session.reset.${name} would do nothing: the mode is "${mode}"`,
        hint: `Set session.reset.mode to "${reads}", or remove the key.`,
      },
    ]);
  });

  test("a default that every agent overrides is checked too", () => {
    const config = {
      agents: {
        defaults: { runtime: { ...model, baseUrl: "x" } },
        list: [{ id: "a", runtime: { type: "echo" } }],
      },
    };
    expect(problems(config)).toMatchObject([{ path: `${AT}.baseUrl` }]);
  });
});

describe("what is known of secrets and variables", () => {
  test("keys and values of variables are secret; the names the file takes are known", () => {
    const list = [
      { id: "a", runtime: { ...model, apiKey: "${KEY}" } },
      { id: "b", runtime: { ...acp, env: { TOKEN: "token-of-b", HOME: "/home/b" } } },
    ];
    const compiled = compile({ agents: { list } }, { KEY: "key-of-a", OTHER: "x" });
    expect(compiled).toMatchObject({
      ok: true,
      secrets: ["key-of-a", "token-of-b"],
      interpolated: ["KEY"],
    });
  });

  test.each([
    ["http://127.0.0.1:1/v1", false],
    ["http://localhost:1/v1", false],
    ["http://[::1]:1/v1", false],
    ["https://a.example/v1", false],
    ["http://10.0.0.2:11434/v1", true],
    ["http://localhost.a.example/v1", true],
  ])("a key sent to %s is warned of: %s", (baseUrl, isWarned) => {
    const paths = (runtime: object) =>
      settings(withRuntime(runtime)).warnings.filter(({ path }) => path.startsWith("agents"));
    expect(paths({ ...model, baseUrl, apiKey: "k" })).toHaveLength(isWarned ? 1 : 0);
    expect(paths({ ...model, baseUrl })).toEqual([]);
  });
});
