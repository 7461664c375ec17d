// What every command has in common: version, help, usage errors, exit codes, the shape of errors, completion.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CliWorld, type PrintedError } from "./world.ts";

const COMMANDS = [
  "gateway",
  "onboard",
  "status",
  "service install",
  "service uninstall",
  "service start",
  "service stop",
  "service restart",
  "service status",
  "service logs",
  "page",
  "page allow",
  "gateway sessions list",
  "gateway sessions revoke",
  "conversations list",
  "conversations show",
  "conversations stop",
  "conversations mute",
  "conversations unmute",
  "conversations new-session",
  "log",
  "activity",
  "channels status",
  "channels list",
  "doctor",
  "pairing list",
  "pairing approve",
  "pairing owner",
  "pairing deny",
  "pairing revoke",
  "config path",
  "config get",
  "config set",
  "config unset",
  "config undo",
  "config validate",
  "config schema",
  "config import",
  "message send",
  "chats",
  "explain",
  "policy test",
  "outbox list",
  "outbox retry",
  "outbox drop",
  "sessions list",
  "sessions show",
  "sessions reset",
  "agents add",
  "agents list",
  "agents test",
  "agents remove",
  "approvals list",
  "approvals standing",
  "approvals forget",
  "sessions export",
  "backup",
  "restore",
  "update",
  "uninstall",
  "demo",
  "completion",
];

let world: CliWorld;
beforeAll(() => {
  world = new CliWorld();
});
afterAll(() => world.remove());

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
    version: string;
  };
  for (const argv of [["--version"], ["-V"], ["--verbose", "--version"]])
    expect(await world.run(...argv)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("--help and help show the commands", async () => {
  const [flag, word] = await Promise.all([world.run("--help"), world.run("help")]);
  expect(word).toEqual(flag);
  expect(flag.code).toBe(0);
  for (const command of COMMANDS) expect(flag.stdout).toContain(command.split(" ")[0]);
});

test("without a word it says where things stand and what to do next", async () => {
  const { code, stdout, stderr } = await world.run();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("Nothing is set up yet.\nNext: coderclaw onboard\n");
  const checked = await world.run("status");
  expect(checked).toEqual({ code: 1, stdout, stderr: "" });
});

describe("names from other programs lead to ours", () => {
  test("a --config that is not there is an error for every command", async () => {
    const file = join(world.folder, "nowhere.json");
    const commands =
      "gateway|status|doctor|config path|config get|config validate|config undo|chats|outbox list|agents list|explain x|pairing list imessage";
    for (const command of commands.split("|")) {
      const { code, stdout, stderr } = await world.run(...command.split(" "), "--config", file);
      expect([command, code, stdout]).toEqual([command, 3, ""]);
      expect(stderr).toMatch(/^The config file ".*nowhere\.json" does not exist\n.*coderclaw onboard/u);
    }
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    [["gateway", "status"], ["status"]],
    [["restart"], ["service", "restart"]],
    [
      ["stop", "--json"],
      ["service", "stop", "--json"],
    ],
    [["version"], ["--version"]],
  ])("%j is %j", async (familiar, ours) => {
    expect(await world.run(...familiar)).toEqual(await world.run(...ours));
  });
});

test("--version --json tells the versions apart", async () => {
  const { stdout } = await world.run("--version", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    version: expect.any(String) as string,
    node: process.versions.node,
  });
});

describe("help", () => {
  test.each(COMMANDS)("of %s says what it does, with examples", async (command) => {
    const { code, stdout, stderr } = await world.run(...command.split(" "), "--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: coderclaw ${command}`);
    expect(stdout).toContain("Examples:\n");
    expect(stdout).toContain("--config <path>");
  });
});

test("help of a command is its --help, and never runs it", async () => {
  for (const command of ["pairing", "pairing approve", "explain"]) {
    const words = command.split(" ");
    expect(await world.run("help", ...words)).toEqual(await world.run(...words, "--help"));
  }
  expect(await world.run("help", "explain", "1")).toEqual(await world.run("explain", "--help"));
});

describe("wrong usage is exit code 2 and two lines", () => {
  const cases: readonly [string, string][] = [
    ["chanels status", "Did you mean channels?"],
    ["channels stauts", "Did you mean status?"],
    ["channels status --prob", "Did you mean --probe?"],
    ["channels status extra", "coderclaw channels status --help"],
    ["--confg x channels status", "Did you mean --config?"],
    ["channels", "coderclaw channels --help"],
    ["help chanels", "Did you mean channels?"],
    ["help pairing aprove", "Did you mean approve?"],
    ["chanels --help", "Did you mean channels?"],
    ["-h chanels", "Did you mean channels?"],
    ["pairing aprove --help", "Did you mean approve?"],
    ["pairing list whatsapp", "coderclaw pairing list --help"],
    ["pairing approve imessage", "coderclaw pairing approve --help"],
    ["outbox list --limit 0", "coderclaw outbox list --help"],
    ["message send --text hi", "coderclaw message send --help"],
    ["message send --target +15550001111 --to a@b.c --text hi", "coderclaw message send --help"],
    ["message send --target +15550001111 --text hi --wait soon", "coderclaw message send --help"],
    ["completion tcsh", "coderclaw completion --help"],
    ["config get a..b", "config path"],
  ];
  test.each(cases)("%s", async (line, hint) => {
    const { code, stdout, stderr } = await world.run(...line.split(" "));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toContain(hint);
  });

  test("with --json it is an object on stdout", async () => {
    const { code, stdout, stderr } = await world.run("outbox", "lst", "--json");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    const { error } = JSON.parse(stdout) as { error: PrintedError };
    expect(error.code).toBe("cli/usage");
    expect(error.message).toBe("unknown command 'lst'");
    expect(error.hint).toContain("Did you mean list?");
  });
});

describe("errors", () => {
  test("an invalid config is exit code 3, with its place", async () => {
    const other = join(world.folder, "bad.json");
    writeFileSync(other, "{\n  chanels: {}\n}");
    const { code, stderr } = await world.run("--config", other, "outbox", "list");
    expect(code).toBe(3);
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toContain(`${other}:2:3: chanels`);
  });

  test.each([
    [
      ["pairing", "approve", "telegram", "ABCD2345"],
      'There is no channel "telegram".\nIt can be: imessage. Run `coderclaw pairing approve --help` to see what it takes.\n',
    ],
    [["config", "get", "nope"], "nope is not a known key\nSee every key with `coderclaw config schema`.\n"],
  ])("%j names what is not there: exit code 2", async (argv, stderr) => {
    expect(await world.run(...argv)).toMatchObject({ code: 2, stdout: "", stderr });
  });

  test("a gateway that is needed and not there is exit code 4", async () => {
    const argv = ["message", "send", "--target", "+15550001111", "--text", "hi"];
    const { code, stderr } = await world.runWith({ environment: { CODERCLAW_GATEWAY_PORT: "1" } }, ...argv);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: "The gateway is not running.\nStart it with `coderclaw gateway`.\n",
    });
  });

  test("where an error comes from is shown with --verbose only", async () => {
    const plain = await world.run("explain", "1");
    const verbose = await world.run("explain", "1", "--verbose");
    expect(plain.code).toBe(1);
    expect(plain.stderr).not.toContain("    at ");
    expect(verbose.stderr).toContain("    at ");
    expect(verbose.stderr.startsWith(plain.stderr)).toBe(true);
  });
});

test("bash completes commands, choices and options at every depth", async () => {
  const { stdout: script } = await world.run("completion", "bash");
  const ask = (...words: string[]): string => {
    const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}`;
    const program = `${script}\n${line}; _coderclaw; echo "\${COMPREPLY[*]}"`;
    return execFileSync("bash", ["-c", program], { encoding: "utf8" }).trim();
  };
  expect(ask("coderclaw", "pai")).toBe("pairing");
  expect(ask("coderclaw", "pairing", "")).toContain("list approve owner deny revoke");
  expect(ask("coderclaw", "--config", "x", "pairing", "list", "im")).toBe("imessage");
  expect(ask("coderclaw", "outbox", "list", "--al")).toBe("--all");
  expect(ask("coderclaw", "outbox", "retry", "12", "--js")).toBe("--json");
  expect(ask("coderclaw", "completion", "")).toContain("bash zsh fish");
});

test("bash completes values that only this machine knows", async () => {
  const known = new CliWorld();
  onTestFinished(() => known.remove());
  known.config({
    channels: {
      imessage: { accounts: { home: { cliPath: "imsg" }, office: { cliPath: "imsg", dbPath: "/x" } } },
    },
    agents: { list: [{ id: "shop" }, { id: "blog" }] },
  });
  const { stdout: script } = await known.run("completion", "bash");
  const values = await Promise.all(
    ["accounts", "agents", "codes"].map(async (kind) => known.run("completion", "--values", kind)),
  );
  expect(values.map(({ stdout }) => stdout)).toEqual(["home\noffice\n", "shop\nblog\n", "\n"]);
  const program = `coderclaw() { case "$*" in *accounts) echo home office;; *agents) echo shop blog;; esac; }\n${script}`;
  const ask = (...words: string[]): string => {
    const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}`;
    return execFileSync("bash", ["-c", `${program}\n${line}; _coderclaw; echo "\${COMPREPLY[*]}"`], {
      encoding: "utf8",
    }).trim();
  };
  expect(ask("coderclaw", "outbox", "list", "--account", "ho")).toBe("home");
  expect(ask("coderclaw", "agents", "test", "sh")).toBe("shop");
});

test.each(["zsh", "fish"])("%s gets a script that names every command", async (shell) => {
  const { code, stdout } = await world.run("completion", shell);
  expect(code).toBe(0);
  for (const command of COMMANDS) expect(stdout).toContain(`'${command}'`);
});
