import { writeFileSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../model/errors.ts";
import { readEnvironment } from "../env.ts";
import { getConfig, setConfig, undoConfig, unsetConfig } from "./operations.ts";

let folder: string;
let file: string;
let options: { configPath: string; environment: ReturnType<typeof readEnvironment> };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "change-"));
  file = join(folder, "c.json");
  options = {
    configPath: file,
    environment: readEnvironment({ CODERCLAW_STATE_DIR: folder, SECRET: "s3cret@mail.example" }),
  };
});
afterEach(async () => rm(folder, { recursive: true }));

const text = async () => readFile(file, "utf8");
const chat = () => ({ ...options, fromChat: true });
const failure = async (running: Promise<unknown>): Promise<GatewayError> =>
  running.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => (error instanceof GatewayError ? error : Promise.reject(error as Error)),
  );

const BASE = `{
  // mine
  channels: { imessage: { cliPath: 'imsg', region: 'US', allowFrom: ['a@b.c'] } },
  agents: { list: [{ id: 'a', runtime: { type: 'echo' } }, { id: 'b' }] },
  gateway: { token: '\${SECRET}' },
}
`;

describe("from chat", () => {
  beforeEach(async () => writeFile(file, BASE));

  test.each<[string, string, unknown]>([
    ["channels.imessage.dmPolicy", "allowlist", "allowlist"],
    ["channels.imessage.responsePrefix", "🦞 says:", "🦞 says:"],
    ['channels.imessage.dms["d@e.f"].historyLimit', "3", 3],
    ["channels.imessage.groups.12.requireMention", "false", false],
    ["channels.imessage.groups.*.agentId", "b", "b"],
    ["channels.imessage.allowFrom[1]", "+15551234567", "+15551234567"],
    ["channels.imessage.configWrites", "false", false],
    ["agents.list[0].name", "A", "A"],
    ["agents.list[1].groupChat.mentionPatterns", "['b', '^hey b\\\\b']", ["b", "^hey b\\b"]],
    ["agents.defaults.maxConcurrent", "2", 2],
    ["bindings", "[{ agentId: 'b', match: {} }]", [{ agentId: "b", match: {} }]],
    ["session.identityLinks", "{ anna: ['a@b.c', 'd@e.f'] }", { anna: ["a@b.c", "d@e.f"] }],
    [
      "channels.imessage",
      "{ cliPath: 'imsg', region: 'DE', allowFrom: ['a@b.c'] }",
      { cliPath: "imsg", region: "DE", allowFrom: ["a@b.c"] },
    ],
  ])("%s to %s", async (path, value, expected) => {
    const change = await setConfig(path, value, chat());
    expect(change).toMatchObject({ changed: true, after: expected, backup: `${file}.bak` });
    expect((await getConfig(path, options)).value).toEqual(expected);
    expect(await text()).toContain("// mine");
    expect((await undoConfig(chat())).paths.length).toBeGreaterThan(0);
    expect(await text()).toBe(BASE);
  });

  test.each<[string, string, string]>([
    ["channels.imessage.cliPath", "/evil", "channels.imessage.cliPath"],
    ["channels.imessage.cliPath", "imsg", "channels.imessage.cliPath"],
    ["channels.imessage.dbPath", "/x", "channels.imessage.dbPath"],
    ["channels.imessage.remoteHost", "x", "channels.imessage.remoteHost"],
    ["channels.imessage.attachmentRoots", "[]", "channels.imessage.attachmentRoots"],
    ["channels.imessage.remoteAttachmentRoots[0]", "/", "channels.imessage.remoteAttachmentRoots[0]"],
    ["channels.imessage", "{ region: 'DE' }", "channels.imessage.cliPath"],
    ["channels.imessage", "{ cliPath: 'imsg', dbPath: '/x' }", "channels.imessage.dbPath"],
    ["channels", "{}", "channels.imessage.accounts"],
    ["channels.imessage.accounts.work", "{}", "channels.imessage.accounts"],
    ["channels.imessage.accounts.work.dbPath", "/x", "channels.imessage.accounts.work.dbPath"],
    ["channels.imessage.accounts", "{ a: { cliPath: '/evil' } }", "channels.imessage.accounts"],
    ["agents.defaults.runtime", "{ type: 'echo' }", "agents.defaults.runtime"],
    ["agents.defaults", "{ runtime: { type: 'echo' } }", "agents.defaults.runtime"],
    ["agents.defaults.workspace", "/", "agents.defaults.workspace"],
    ["agents.list[0].runtime.type", "echo", "agents.list[0].runtime.type"],
    ["agents.list[1].workspace", "/", "agents.list[1].workspace"],
    ["agents.list[1].default", "true", "agents.list[1]"],
    ["agents.list[1].id", "c", "agents.list[1]"],
    ["agents.list[2]", "{ id: 'c', workspace: '/' }", "agents.list[2]"],
    ["agents.list", "[{ id: 'a', runtime: { type: 'echo' } }]", "agents.list[1]"],
    ["agents", "{}", "agents.list[0]"],
    ["gateway.token", "x", "gateway.token"],
    ["gateway.port", "1", "gateway.port"],
    ["store.url", "sqlite:/x", "store.url"],
    ["commands.config", "true", "commands.config"],
    ["commands", "{}", "commands"],
    ["commands.ownerAllowFrom", "['x@y.z']", "commands.ownerAllowFrom"],
  ])("%s to %s is refused", async (path, value, named) => {
    expect(await failure(setConfig(path, value, chat()))).toMatchObject({
      code: "config/protected",
      message: `${named} cannot be changed from chat`,
      hint: expect.stringContaining("coderclaw config"),
    });
    expect(await text()).toBe(BASE);
    expect(await readdir(folder)).toEqual(["c.json"]);
  });

  test.each([
    "channels",
    "channels.imessage",
    "channels.imessage.cliPath",
    "agents",
    "agents.list",
    "agents.list[0]",
    "agents.list[1]",
    "agents.list[0].runtime",
    "gateway",
    "gateway.token",
    "store",
    "commands.config",
  ])("unset %s is refused", async (path) => {
    expect((await failure(unsetConfig(path, chat()))).code).toBe("config/protected");
    expect(await text()).toBe(BASE);
  });

  test.each([
    ["channels.imessage.responsePrefix", "${SECRET}"],
    ["channels.imessage.responsePrefix", "'\\u0024{SECRET}'"],
    ["channels.imessage.name", "$${SECRET}"],
    ["channels.imessage.allowFrom", "['a@b.c', 'x${SECRET}']"],
    ["channels.imessage.groups", "{ '*': { systemPrompt: '\\x24{SECRET}' } }"],
  ])("%s to %s takes no environment variable", async (path, value) => {
    expect(await failure(setConfig(path, value, chat()))).toMatchObject({
      code: "config/protected",
      message: `${path} cannot take a \`\${…}\` from chat`,
    });
    expect(await text()).toBe(BASE);
    expect((await setConfig(path, value, options)).changed).toBe(true);
  });

  test("a variable that stands there already stays, and is not shown", async () => {
    await writeFile(file, BASE.replace("['a@b.c']", "['${SECRET}', 'a@b.c']"));
    expect((await setConfig("channels.imessage.allowFrom[2]", "d@e.f", chat())).after).toBe("d@e.f");
    const shorter = await unsetConfig("channels.imessage.allowFrom[1]", chat());
    expect(shorter.changed).toBe(true);
    expect(JSON.stringify(await getConfig("channels.imessage", options))).not.toContain("s3cret");
    expect(await text()).toContain("['${SECRET}', 'd@e.f']");
  });

  test.each([
    "__proto__.polluted",
    "constructor.prototype.polluted",
    "channels.__proto__.polluted",
    "channels.imessage.groups.__proto__.enabled",
    "channels.imessage.dms.__proto__.historyLimit",
    "session.identityLinks.__proto__",
    "channels.imessage.accounts.__proto__.name",
    "agents.list.__proto__.name",
  ])("%s is harmless", async (path) => {
    const error = await failure(setConfig(path, "true", chat()));
    expect(error.code).toMatch(/^(?:config|cli)\//);
    await unsetConfig(path, chat()).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(GatewayError));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, "enabled")).toBe(false);
    expect(await text()).toBe(BASE);
  });

  test("a file in which a key is written twice is left alone: what is in force is not certain", async () => {
    const twice = BASE.replace("gateway:", "channels: { imessage: { cliPath: '/evil' } },\n  gateway:");
    await writeFile(file, twice);
    expect((await failure(unsetConfig("channels", chat()))).code).toBe("config/invalid");
    expect(await text()).toBe(twice);
  });
});

describe("undo", () => {
  test("puts the previous file back, byte for byte, and an undo of that brings the change back", async () => {
    await writeFile(file, BASE);
    await setConfig("channels.imessage.region", "DE", options);
    await setConfig("channels.imessage.allowFrom", "[]", options);
    const changed = await text();
    expect(await undoConfig(options)).toMatchObject({
      file,
      path: "",
      changed: true,
      backup: `${file}.bak`,
      paths: ["channels.imessage.allowFrom"],
      after: { gateway: { token: "••••" } },
    });
    expect(await text()).toBe(BASE.replace("US", "DE"));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await undoConfig(options)).paths).toEqual(["channels.imessage.allowFrom"]);
    expect(await text()).toBe(changed);
  });

  test("there is nothing to undo", async () => {
    const message = "There is no earlier configuration to go back to";
    expect(await failure(undoConfig(options))).toMatchObject({ code: "config/no-undo", message });
    await setConfig("channels.imessage.region", "DE", options);
    expect(await failure(undoConfig(options))).toMatchObject({ code: "config/no-undo", message });
    await writeFile(`${file}.bak`, await text());
    expect(await failure(undoConfig(options))).toMatchObject({ code: "config/no-undo", message });
  });

  test("what is kept must be valid", async () => {
    await writeFile(file, BASE);
    for (const kept of ["{ gatewy: {} }", "{ gateway: "]) {
      await writeFile(`${file}.bak`, kept);
      expect((await failure(undoConfig(options))).code).toBe("config/invalid");
    }
    expect(await text()).toBe(BASE);
  });

  test("a file that is broken by hand can be undone at the machine, from chat it cannot", async () => {
    await writeFile(file, "{ channels: ");
    await writeFile(`${file}.bak`, BASE);
    expect(await failure(undoConfig(chat()))).toMatchObject({
      code: "config/invalid",
      message: expect.stringContaining("the config file is not valid as it is: "),
      hint: "Correct the file at the machine first.",
    });
    expect((await undoConfig(options)).paths).toContain("gateway");
    expect(await text()).toBe(BASE);
  });

  test("from chat it is refused when a protected key would change", async () => {
    await writeFile(file, BASE);
    await setConfig("channels.imessage.cliPath", "/usr/local/bin/imsg", options);
    const now = await text();
    expect(await failure(undoConfig(chat()))).toMatchObject({
      code: "config/protected",
      message: "channels.imessage.cliPath cannot be changed from chat",
    });
    expect(await text()).toBe(now);
    await undoConfig(options);
    expect(await text()).toBe(BASE);
  });
});

describe("a file that is wrong already", () => {
  const wrong = BASE.replace("gateway: {", "gateway: { zzz: 1,");

  test("is told so, whoever sets something else; what the change itself brings is told as its own", async () => {
    await writeFile(file, wrong);
    for (const at of [options, chat()]) {
      const error = await failure(setConfig("channels.imessage.historyLimit", "3", at));
      expect(error.message).toMatch(
        /^not written: the config file is not valid as it is: .*:5:.*gateway\.zzz/,
      );
    }
    expect(await failure(setConfig("channels.imessage.historyLimit", "many", options))).toMatchObject({
      message: expect.stringMatching(/^not written: channels\.imessage\.historyLimit is "many"/),
    });
    expect(await text()).toBe(wrong);
    expect((await unsetConfig("gateway.zzz", options)).changed).toBe(true);
  });

  test("no JSON5 at all is told the same way", async () => {
    await writeFile(file, "{ channels: ");
    const error = await failure(unsetConfig("channels.imessage.historyLimit", options));
    expect(error.message).toMatch(/^not written: the config file is not valid as it is: .*c\.json:1:/);
  });
});

describe("writers at the same time", () => {
  test("in one process: none is lost", async () => {
    await writeFile(file, BASE);
    const handles = Array.from({ length: 12 }, (_, index) => `${index}@b.c`);
    await Promise.all(
      handles.map(async (handle, index) =>
        setConfig(`channels.imessage.dms["${handle}"].historyLimit`, String(index), options),
      ),
    );
    expect((await getConfig("channels.imessage.dms", options)).value).toEqual(
      Object.fromEntries(handles.map((handle, index) => [handle, { historyLimit: index }])),
    );
  });

  /** Options under which somebody else writes whenever the file was read and is not written yet. */
  const withIntruder = (write: () => void) => ({
    ...options,
    environment: {
      ...options.environment,
      variable: (name: string) => {
        write();
        return options.environment.variable(name);
      },
    },
  });

  test("another process writes in between: the change is made anew upon that", async () => {
    await writeFile(file, BASE);
    let writes = 0;
    const intruder = withIntruder(() => {
      if (writes++ === 0) writeFileSync(file, BASE.replace("US", "DE"));
    });
    await setConfig("channels.imessage.name", "phone", intruder);
    expect((await getConfig("channels.imessage", options)).value).toMatchObject({
      region: "DE",
      name: "phone",
    });
    expect(await readFile(`${file}.bak`, "utf8")).toBe(BASE.replace("US", "DE"));
  });

  test("another process never stops writing: an error, and neither file nor backup is touched", async () => {
    await writeFile(file, BASE);
    let writes = 0;
    const intruder = withIntruder(() => writeFileSync(file, `${BASE}// ${writes++}`));
    expect(await failure(setConfig("channels.imessage.name", "phone", intruder))).toMatchObject({
      code: "config/unreadable",
      message: `${file} was changed by someone else at the same time`,
    });
    expect(await text()).toBe(`${BASE}// ${writes - 1}`);
    expect(await readdir(folder)).toEqual(["c.json"]);
  });
});
