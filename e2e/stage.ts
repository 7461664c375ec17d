// What a scenario plays on: a gateway on a Messages database of its own, OpenCode as its agent, and the model that it talks to.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answerable, REAL_READING_MS } from "../test/scenarios/asking.ts";
import { until, World, type GatewayProcess } from "../test/scenarios/world.ts";
import { MockModel, type Line } from "./mock-model.ts";
import { BINARY, prepareOpenCode } from "./open-code.ts";

/** Owner of the gateway: agents ask this person. */
export const OWNER = "+14155550001";
/** Somebody else who may write. */
export const FRIEND = "+14155550002";

/** How long an answer may take, in ms: the agent takes seconds to start, on a busy machine many. */
const ANSWER_MS = 60_000;

/** One scenario's stage. */
export class Stage {
  readonly world: World;
  readonly model: MockModel;
  /** The folder OpenCode works in. */
  readonly project: string;
  #gateway: GatewayProcess | undefined;

  private constructor(world: World, model: MockModel) {
    this.world = world;
    this.model = model;
    this.project = join(world.dir, "project");
  }

  /** Sets everything up and starts the gateway; the model says what `script` says. */
  static async open(script: readonly Line[]): Promise<Stage> {
    const model = await MockModel.start(script);
    const stage = new Stage(await World.create(), model);
    try {
      await stage.#furnish();
      await stage.start();
      return stage;
    } catch (cause) {
      await stage[Symbol.asyncDispose]();
      throw cause;
    }
  }

  async #furnish(): Promise<void> {
    const { world, model, project } = this;
    for (const folder of [project, join(world.dir, "bin")]) await mkdir(folder);
    // The gateway finds it as a user's does: by its name, on the PATH.
    await symlink(BINARY, join(world.dir, "bin/opencode"));
    const env = await prepareOpenCode(join(world.dir, "opencode"), model.baseUrl);
    const runtime = { type: "acp", command: ["opencode", "acp"], env, permissions: "ask" };
    await world.configure({
      imessage: {
        dmPolicy: "open",
        allowFrom: ["*", OWNER],
        includeAttachments: true,
        attachmentRoots: [world.dir],
      },
      config: {
        agents: { list: [{ id: "opencode", workspace: project, runtime }] },
        session: { dmScope: "per-peer" },
      },
    });
  }

  /** Starts the gateway, again after a kill. */
  async start(): Promise<void> {
    this.#gateway = await this.world.start();
  }

  /** Kills the gateway as a crash would, and waits until its agent is gone too. */
  async crash(): Promise<void> {
    await this.#gateway?.kill("SIGKILL");
    await this.#expectNoProcess();
  }

  /** Somebody writes a text, with a file of these bytes; gives its guid. */
  async write(
    from: string,
    text: string,
    file?: { readonly name: string; readonly bytes: Uint8Array },
  ): Promise<string> {
    if (file === undefined) return this.world.receive(from, text);
    const path = join(this.world.dir, file.name);
    await writeFile(path, file.bytes);
    return this.world.receive(from, text, "--attachment", path);
  }

  /** Waits until what the agent asked in the turn of a message can be answered. */
  async expectAnswerable(guid: string): Promise<void> {
    return answerable(this.world, guid, REAL_READING_MS);
  }

  /** Waits for the `count`th text sent to somebody, and gives it. */
  async nthText(to: string, count: number): Promise<string> {
    const texts = await until(
      () => this.world.sentTo(to).length >= count && this.world.sentTo(to),
      () => `${count} texts to ${to}: ${JSON.stringify(this.world.sentTo(to))}`,
      ANSWER_MS,
    );
    return texts[count - 1] ?? "";
  }

  /** Waits until somebody was sent exactly these texts. */
  async expectTexts(to: string, texts: readonly string[]): Promise<void> {
    await this.world.expectSent(to, texts, ANSWER_MS);
  }

  /** Waits until the model was asked `count` times where the prompt contains `when`. */
  async expectAsked(when: string, count: number): Promise<void> {
    await until(
      () => this.model.asked(when).length >= count,
      () => `the model was asked ${this.model.asked(when).length} times: ${JSON.stringify(when)}`,
      ANSWER_MS,
    );
  }

  /** Waits until the agent hung up on the model in the middle of a reply. */
  async expectHungUp(when: string): Promise<void> {
    await until(
      () => this.model.left(when).length > 0,
      () => "the agent still listens to the model",
    );
  }

  async writeFile(name: string, text: string): Promise<void> {
    await writeFile(join(this.project, name), text);
  }

  async readFile(name: string): Promise<string> {
    return readFile(join(this.project, name), "utf8");
  }

  /** What the gateway logged since it was started last. */
  log(): string {
    return this.world.lastLog();
  }

  /** Ends the gateway as an operator would, and checks that nothing of it goes on. */
  async close(): Promise<void> {
    await this.#gateway?.kill("SIGTERM");
    await this.#expectNoProcess();
    if (this.model.faults.length > 0) throw new Error(this.model.faults.join("; "));
  }

  /** Waits until no process works in the project; where the system does not show that, it is not looked at. */
  async #expectNoProcess(): Promise<void> {
    if (existsSync("/proc/self/cwd"))
      await until(
        async () => (await processesIn(this.project)).length === 0,
        () => `a process still runs in ${this.project}`,
      );
  }

  /** Ends all that still runs, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _model = this.model;
    await using _world = this.world;
    // OpenCode ends with its gateway: until then it writes into the folder that is to be removed.
    await this.crash();
  }
}

async function processesIn(folder: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const folders = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => "")));
  return ids.filter((_, index) => folders[index] === folder);
}
