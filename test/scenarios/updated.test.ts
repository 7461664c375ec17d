// An update under a running gateway: its files are removed, then others put in their place, while people go on writing.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startModelServer, type ModelServer } from "../fixtures/agents/model-server.ts";
import { until, World, type GatewayProcess } from "./world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ACP_AGENT = join(ROOT, "test/fixtures/agents/acp-agent.ts");
const OWNER = "+14155550001";
const BEN = "+14155550002";
const CLEO = "+14155550003";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

let built: string;
let server: ModelServer;
beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "updated-"));
  execFileSync(process.execPath, [join(ROOT, "scripts/build.ts"), join(built, "dist")]);
  server = await startModelServer();
});
afterAll(async () => {
  await server.close();
  await rm(built, { recursive: true, force: true });
});

/** Puts the package into a folder, as an installation does. */
function install(folder: string, version: string): void {
  cpSync(join(built, "dist"), join(folder, "dist"), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, unknown>;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, version }));
}

/** A gateway from an installation of its own, by a link as npm makes it; every kind of agent is there, and none has been asked yet. */
async function startInstalled(world: World, folder: string): Promise<GatewayProcess> {
  const workspace = join(world.dir, "work");
  await mkdir(workspace);
  await writeFile(join(workspace, "chart.png"), PNG);
  await writeFile(join(workspace, "answer"), "**Look**:\n\n![a chart](chart.png)\n");
  const script = `grep -o "type: image/png" || cat answer`;
  await world.configure({
    imessage: {
      allowFrom: ["*", OWNER],
      includeAttachments: true,
      attachmentRoots: [join(world.db, "../Attachments")],
    },
    config: {
      commands: { config: true, ownerAllowFrom: [OWNER] },
      logging: { level: "debug" },
      agents: {
        defaults: { workspace },
        list: [
          { id: "main", runtime: { type: "command", command: ["sh", "-c", script] } },
          { id: "acp", runtime: { type: "acp", command: [process.execPath, ACP_AGENT] } },
          {
            id: "model",
            runtime: { type: "model", baseUrl: server.baseUrl, apiKey: "sk-1234567890", model: "crab" },
          },
        ],
      },
      bindings: [
        { agentId: "acp", match: { handle: BEN } },
        { agentId: "model", match: { handle: CLEO } },
      ],
    },
  });
  symlinkSync(join(folder, "dist/coderclaw.js"), join(folder, "coderclaw"));
  const gateway = world.launch([join(folder, "coderclaw"), "gateway"]);
  await until(
    () => gateway.log().includes("every part is loaded"),
    () => gateway.log(),
  );
  return gateway;
}

test("removed and replaced while it runs: everything goes on, and it says that a restart is due", async () => {
  await using world = await World.create();
  const folder = join(world.dir, "package");
  await mkdir(folder);
  install(folder, "1.0.0");
  const gateway = await startInstalled(world, folder);
  rmSync(join(folder, "dist"), { recursive: true });
  rmSync(join(folder, "package.json"));

  // The first of its kind each: nothing of it was loaded by use.
  await world.receive(OWNER, "/status");
  expect(await world.mac.nthSent(OWNER, 1)).toContain("Gateway: 1.0.0");
  const file = join(world.dir, "photo.png");
  await writeFile(file, PNG);
  await world.receive(OWNER, "what is the file?", "--attachment", file);
  expect(await world.mac.nthSent(OWNER, 2)).toBe("type: image/png");
  await world.receive(OWNER, "show me");
  expect(await world.mac.nthSent(OWNER, 3)).toBe("Look:\n\na chart");
  await world.receive(BEN, "@say from the agent");
  expect(await world.mac.nthSent(BEN, 1)).toBe("from the agent");
  await world.receive(CLEO, "hello");
  expect(await world.mac.nthSent(CLEO, 1)).toBe("Heard: hello");
  await world.receive(OWNER, '/config set messages.groupChat.mentionPatterns ["claw(bot)?"]');
  await until(
    () => gateway.log().includes("config taken over"),
    () => gateway.log(),
  );
  expect(await world.page("/")).toContain("<html");
  const { stdout } = await world.coderclaw("doctor", "--json");
  expect(JSON.stringify(JSON.parse(stdout))).not.toMatch(/restart|updated|installed/u);
  expect((await world.coderclaw("channels", "status", "--probe")).stdout).toContain("ok     watch");

  install(folder, "2.0.0");
  expect((await world.coderclaw("doctor")).stdout).toContain(
    "CoderClaw 2.0.0 is installed; the gateway still runs 1.0.0",
  );
  await world.receive(OWNER, "/status");
  await until(
    () => world.sentTo(OWNER).some((text) => text.includes("CoderClaw 2.0.0 is installed")),
    () => gateway.log(),
  );
  gateway.child.kill("SIGINT");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
  expect(gateway.log()).not.toMatch(/Cannot find module|\berror\b/u);
});

test("a package that is removed before everything was loaded is answered for, and ends with one Ctrl-C", async () => {
  await using world = await World.create();
  const folder = join(world.dir, "package");
  await mkdir(folder);
  install(folder, "1.0.0");
  // What a start needs is there; what commands, pictures and Markdown need is not.
  const chunks = join(folder, "dist/chunks");
  const gone = ["operations", "incoming", "markdown"].map((name) => new RegExp(`^${name}-`));
  for (const name of execFileSync("ls", [chunks], { encoding: "utf8" }).split("\n"))
    if (gone.some((one) => one.test(name))) rmSync(join(chunks, name));
  await world.configure({ imessage: { allowFrom: ["*", OWNER], includeAttachments: true } });
  const gateway = world.launch([join(folder, "dist/coderclaw.js"), "gateway"]);
  await until(
    () => gateway.log().includes("a part of the gateway could not be loaded"),
    () => gateway.log(),
  );
  await world.receive(OWNER, "/status");
  expect(await world.mac.nthSent(OWNER, 1)).toMatch(/^⚠️ CoderClaw was updated[^]*Restart the gateway/u);
  const file = join(world.dir, "photo.png");
  await writeFile(file, PNG);
  await world.receive(OWNER, "look", "--attachment", file);
  expect(await world.mac.nthSent(OWNER, 2)).toContain("look");
  await world.receive(OWNER, "and now?");
  expect(await world.mac.nthSent(OWNER, 3)).toContain("and now?");
  expect(existsSync(join(folder, "dist"))).toBe(true);
  gateway.child.kill("SIGINT");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
});
