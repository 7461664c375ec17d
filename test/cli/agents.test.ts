// `agents add|list|test|remove` and `approvals`: what is missing is named, the config keeps its comments, a real turn is run.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startModelServer } from "../fixtures/agents/model-server.ts";
import { startProxy } from "../fixtures/proxy.ts";
import { CliWorld, type Finished } from "./world.ts";

const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));

let world: CliWorld;
let bin: string;
beforeEach(() => {
  world = new CliWorld();
  bin = join(world.folder, "bin");
  mkdirSync(bin);
});
afterEach(() => world.remove());

/** Puts a program on the PATH that is the scripted agent, whatever it is called. */
function install(name: string, ...flags: readonly string[]): void {
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${AGENT}' ${flags.join(" ")}\n`);
  chmodSync(path, 0o755);
}

/** With nothing on the PATH but what was installed here, and Node. */
async function agents(...argv: readonly string[]): Promise<Finished> {
  const environment = { PATH: `${bin}:${dirname(process.execPath)}:/bin:/usr/bin` };
  return world.runWith({ environment }, "agents", ...argv);
}

function configText(): string {
  return readFileSync(world.configFile, "utf8");
}

describe("add", () => {
  test("writes the agent behind what is there, comments kept, and tries it", async () => {
    install("opencode");
    const before = `// mine\n{\n  // the echo stays\n  agents: { list: [{ id: "main" }] }, // so\n}\n`;
    writeFileSync(world.configFile, before, { mode: 0o600 });
    const added = await agents("add", "opencode", "--workspace", join(world.folder, "shop"));
    expect(added.stderr).toContain("answered in");
    expect(added.code).toBe(0);
    expect(added.stdout).toContain("You said: This is a test");
    for (const comment of ["// mine", "// the echo stays", "// so"]) expect(configText()).toContain(comment);
    const listed = await agents("list", "--json");
    expect(JSON.parse(listed.stdout)).toMatchObject({
      agents: [
        { id: "main", isDefault: true },
        { id: "opencode", runtime: "acp", runs: `${bin}/opencode acp`, isThere: true },
      ],
    });
  });

  test("OpenCode is told to ask, and its own API gets a password that nobody knows", async () => {
    install("opencode");
    await agents("add", "opencode", "--no-test");
    const written = configText();
    expect(written).toMatch(/OPENCODE_PERMISSION: .*bash.*ask/u);
    const [, password = ""] = /OPENCODE_SERVER_PASSWORD: "([^"]+)"/u.exec(written) ?? [];
    expect(password.length).toBeGreaterThan(30);
    const { stdout } = await world.run("config", "get", "agents.list");
    expect(stdout).not.toContain(password);
    await agents("add", "opencode", "--id", "free", "--permissions", "allow", "--no-test");
    expect(configText().match(/OPENCODE_PERMISSION/gu)).toHaveLength(1);
    expect(configText().match(/OPENCODE_SERVER_PASSWORD: "([^"]+)"/gu)?.[1]).not.toContain(password);
  });

  test("the first one answers from now on; a default runtime is kept as another agent", async () => {
    install("opencode");
    expect((await agents("add", "opencode", "--no-test")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/\* opencode/u);
    world.config({ agents: { defaults: { runtime: { type: "command", command: ["/bin/cat"] } } } });
    expect((await agents("add", "opencode", "--no-test")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/\* main .*\n {2}opencode/u);
  });

  test("--default takes the place of the default agent", async () => {
    install("gemini");
    world.config({ agents: { list: [{ id: "one" }, { id: "two", default: true }] } });
    expect((await agents("add", "gemini", "--default", "--no-test")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/\* gemini/u);
  });

  test("Claude Code is told to ask, unless everything is allowed", async () => {
    install("claude-agent-acp");
    await agents("add", "claude", "--no-test");
    await agents("add", "claude", "--id", "free", "--permissions", "allow", "--no-test");
    expect(configText()).toMatch(/permissions: "ask",\s+mode: "default"/u);
    expect(configText().match(/mode:/gu)).toHaveLength(1);
  });

  test.each([
    ["opencode", "npm install -g opencode-ai"],
    ["claude", "npm install -g @agentclientprotocol/claude-agent-acp"],
    ["codex", "npm install -g @agentclientprotocol/codex-acp"],
    ["gemini", "npm install -g @google/gemini-cli"],
    ["goose", "Install it (see"],
    ["pi", "npm install -g pi-acp"],
  ])("%s that is not installed: how to install it; nothing is written", async (name, how) => {
    const { code, stderr } = await agents("add", name);
    expect(code).toBe(1);
    expect(stderr).toContain("is not on PATH");
    expect(stderr).toContain(how);
    expect(() => configText()).toThrow();
  });

  test("a preset that needs a second program names it", async () => {
    install("pi-acp");
    const { stderr } = await agents("add", "pi");
    expect(stderr).toContain("npm install -g @earendil-works/pi-coding-agent");
  });

  test("an agent that wants a login says how; it is written all the same, and answers nobody", async () => {
    install("codex-acp", "--auth");
    const { code, stderr } = await agents("add", "codex", "--default");
    expect(code).toBe(1);
    expect(stderr).toContain("wants a login");
    expect(stderr).toContain("codex login");
    expect(stderr).toContain("`coderclaw agents default codex`");
    expect(configText()).toContain("codex-acp");
    expect((await agents("list")).stdout).toMatch(/\* main .*\n {2}codex/u);
  });

  test("an agent that does not answer takes nobody's place; once it answers, it can be given it", async () => {
    world.config({ agents: { list: [{ id: "one", default: true }] } });
    install("opencode", "--exit", "1");
    expect((await agents("add", "opencode", "--default")).code).toBe(1);
    expect((await agents("list")).stdout).toMatch(/\* one/u);
    install("opencode");
    const tested = await agents("test", "opencode");
    expect(tested.stderr).toContain(
      "`coderclaw agents default opencode` makes opencode the one that answers",
    );
    expect((await agents("default", "opencode")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/\* opencode/u);
    expect((await agents("default", "nobody")).stderr).toContain("There is no agent nobody");
  });

  test("one that answers takes the place it was to have", async () => {
    install("opencode");
    expect((await agents("add", "opencode")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/^\* opencode(?!.*main)/mu);
    install("gemini");
    expect((await agents("add", "gemini", "--default")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/\* gemini/u);
  });

  test.each([
    ["claude", "claude-agent-acp", "claude /login"],
    ["codex", "codex-acp", "codex login"],
    ["gemini", "gemini", "gemini"],
    ["opencode", "opencode", "opencode auth login"],
    ["goose", "goose", "goose configure"],
  ])(
    "%s that nobody seems to be logged in to: the command is named at once",
    async (name, program, command) => {
      install(program, "--mute");
      const environment = {
        PATH: `${bin}:${dirname(process.execPath)}:/bin:/usr/bin`,
        HOME: world.folder,
        ...Object.fromEntries(
          Object.keys(process.env)
            .filter((one) => one.includes("API_KEY"))
            .map((one) => [one, ""]),
        ),
      };
      const { stderr } = await world.runWith({ environment }, "agents", "add", name, "--timeout", "1");
      const [, second] = stderr.split("\n");
      expect(second).toContain(`If the test fails, run \`${command}\`.`);
      expect(stderr).toContain(`${name} did not answer`);
    },
  );

  test("a folder that is not there is told; what is no folder is refused, and nothing is written", async () => {
    install("opencode");
    const file = join(world.folder, "file");
    writeFileSync(file, "");
    const refused = await agents("add", "opencode", "--workspace", file);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("is not a folder");
    expect(() => configText()).toThrow();
    const shop = join(world.folder, "shop");
    const added = await agents("add", "opencode", "--workspace", shop, "--no-test");
    expect(added.stderr).toContain(`${shop} is not there yet; the first turn makes it`);
    expect(configText()).toContain(shop);
  });

  test("a model is tried through the proxy of the environment", async () => {
    const [server, proxy] = [await startModelServer(), await startProxy()];
    onTestFinished(async () => {
      await server.close();
      await proxy.close();
    });
    server.models = ["small:1b"];
    proxy.hosts.set("model.test", Number(new URL(server.baseUrl).port));
    const environment = { HTTP_PROXY: proxy.url, PATH: process.env["PATH"] ?? "" };
    const added = await world.runWith(
      { environment },
      "agents",
      "add",
      "ollama",
      "--base-url",
      "http://model.test/v1",
    );
    expect(added.stderr).toContain("ollama answered in");
    expect(proxy.asked).toEqual([
      "GET http://model.test/v1/models",
      "POST http://model.test/v1/chat/completions",
      "GET http://model.test/v1/models",
    ]);
  });

  test("Ollama: a model is chosen among those it has, one it has not is refused", async () => {
    const server = await startModelServer();
    onTestFinished(async () => server.close());
    server.models = ["small:1b", "large:70b"];
    const at = ["--base-url", server.baseUrl];
    const wrong = await agents("add", "ollama", ...at, "--model", "other", "--no-test");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("Use one of small:1b, large:70b");
    const added = await agents("add", "ollama", ...at);
    expect(added.stderr).toContain("ollama answered in");
    expect(configText()).toContain('model: "small:1b"');
  });

  test("Ollama that does not run: what to do", async () => {
    const { code, stderr } = await agents("add", "ollama", "--base-url", "http://127.0.0.1:1/v1");
    expect(code).toBe(1);
    expect(stderr).toContain("ollama serve");
  });

  test.each([
    [["add", "opencode"], "There is an agent opencode already"],
    [["add", "opencode", "--id", "Not So"], "cannot be the id of an agent"],
    [["add", "opencode", "--id", "default"], "cannot be the id of an agent"],
    [["add", "opencode", "--id=-x"], "cannot be the id of an agent"],
    [["add", "opencode", "--id", "o2", "--base-url", "http://x"], "--base-url says nothing to OpenCode"],
    [["add", "nothing"], "nothing"],
  ])("%j is refused", async (argv, why) => {
    install("opencode");
    world.config({ agents: { list: [{ id: "opencode" }] } });
    const before = configText();
    const { code, stderr } = await agents(...argv, "--no-test");
    expect(code).toBeGreaterThan(1);
    expect(stderr).toContain(why);
    expect(configText()).toBe(before);
  });
});

describe("test", () => {
  test("denies what the agent asks for, and says so", async () => {
    install("opencode");
    await agents("add", "opencode", "--no-test");
    const { code, stdout, stderr } = await agents("test", "--prompt", "@ask run rm -rf all");
    expect(code).toBe(0);
    expect(stdout).toContain("denied: no");
    expect(stderr).toContain("rm -rf all");
  });

  test("an agent that fails is a failure, with --json too", async () => {
    install("opencode", "--exit 3");
    await agents("add", "opencode", "--no-test");
    const { code, stderr } = await agents("test", "opencode");
    expect(code).toBe(1);
    expect(stderr).toContain("opencode did not answer");
    const json = await agents("test", "opencode", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ trial: { ok: false, code: "agent/failed" } });
  });

  test("one that never answers ends with the time it is given", async () => {
    install("opencode");
    await agents("add", "opencode", "--no-test");
    const { code, stderr } = await agents("test", "--prompt", "@until-cancelled", "--timeout", "1");
    expect(code).toBe(1);
    expect(stderr).toContain("no answer within 1 s");
  });

  test("an agent that is not there", async () => {
    const { code, stderr } = await agents("test", "nobody");
    expect(code).toBe(2);
    expect(stderr).toContain("There is no agent nobody");
  });
});

test("doctor and list tell of a program that is not there; one of the workspace is found", async () => {
  const workspace = join(world.folder, "work");
  mkdirSync(workspace);
  writeFileSync(join(workspace, "answer"), "#!/bin/sh\n");
  chmodSync(join(workspace, "answer"), 0o755);
  const command = (program: string) => ({ type: "command", command: [program] });
  world.config({
    agents: {
      list: [
        { id: "mine", workspace, runtime: command("./answer") },
        { id: "lost", workspace, runtime: command("./gone") },
      ],
    },
  });
  expect((await agents("list")).stdout).toMatch(/lost .*\.\/gone \(not on this machine\)/u);
  const { value } = await world.json("doctor");
  const wheres = (value["findings"] as { where?: string }[]).map(({ where }) => where);
  expect(wheres).toContain("agent lost");
  expect(wheres).not.toContain("agent mine");
});

describe("remove", () => {
  test("takes it away; the last one takes the list with it", async () => {
    install("opencode");
    await agents("add", "opencode", "--no-test");
    await agents("add", "opencode", "--id", "other", "--no-test");
    expect((await agents("remove", "opencode")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/\* other/u);
    expect((await agents("remove", "other", "--json")).code).toBe(0);
    expect((await agents("list")).stdout).toMatch(/\* main +echo/u);
    expect((await agents("remove", "other")).code).toBe(2);
  });

  test("one that a binding names stays", async () => {
    world.config({
      agents: { list: [{ id: "main" }, { id: "work" }] },
      bindings: [{ agentId: "work", match: {} }],
    });
    const { code, stderr } = await agents("remove", "work");
    expect(code).toBe(3);
    expect(stderr).toContain("bindings");
  });
});

test("approvals: nothing yet, and nothing to forget", async () => {
  expect((await world.run("approvals", "list")).stdout).toBe("No agent has asked for anything yet.\n");
  expect((await world.json("approvals", "list")).value).toEqual({ approvals: [] });
  expect((await world.run("approvals", "standing")).stdout).toBe("No answer holds from now on.\n");
  expect((await world.json("approvals", "standing")).value).toEqual({ standing: [] });
  const { code, value } = await world.json("approvals", "forget", "1");
  expect(code).toBe(1);
  expect(value).toMatchObject({ error: { code: "approval/unknown" } });
});
