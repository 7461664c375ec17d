// Commands in chat as the flow gives them: a real config file, the settings it makes, a person who writes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readEnvironment, type Environment } from "../../src/config/env.ts";
import { loadConfig } from "../../src/config/read/load.ts";
import { createChatOperations } from "../../src/control/chat/operations.ts";
import type { Log } from "../../src/lib/log.ts";
import type { ChatCommand, CommandDone, CommandEntry, CommandRole } from "../../src/model/command.ts";
import type { Handle } from "../../src/model/handle.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type { ChatOperations } from "../../src/model/ports.ts";
import { composeCommand, parseCommand } from "../../src/rules/command.ts";
import { ANNA, HOME } from "../contracts/store-world.ts";
import { RunningWorld } from "./running-world.ts";

/** Texts that no reply may hold. */
export const SECRETS = { token: "hidden-token-of-the-file", variable: "hidden-value-of-the-environment" };

/** Who writes, and where. */
export interface Writer {
  readonly role?: CommandRole;
  readonly from?: Handle;
  readonly message?: Partial<InboundMessage>;
  readonly wasBegun?: boolean;
  readonly done?: CommandDone;
}

/** A gateway on a config file. */
export class ChatWorld {
  readonly running: RunningWorld;
  readonly operations: ChatOperations;
  readonly configFile: string;
  readonly environment: Environment;
  /** What was written to the log as an error. */
  readonly errors: string[] = [];

  private constructor(running: RunningWorld) {
    this.running = running;
    this.configFile = join(running.folder, "coderclaw.json");
    this.environment = readEnvironment({ CODERCLAW_STATE_DIR: running.folder, SECRET: SECRETS.variable });
    const { configFile: configPath, environment } = this;
    const log = { error: (message: string) => this.errors.push(message) } as unknown as Log;
    const now = (): number => running.world.nowMs;
    this.operations = createChatOperations({ running, config: { configPath, environment }, log, now });
  }

  static async create(config: string): Promise<ChatWorld> {
    const world = new ChatWorld(await RunningWorld.create());
    world.write(config);
    await world.reload();
    return world;
  }

  async remove(): Promise<void> {
    await this.running.remove();
  }

  write(config: string): void {
    writeFileSync(this.configFile, config, { mode: 0o600 });
  }

  read(): string {
    return readFileSync(this.configFile, "utf8");
  }

  /** Takes the file over, as the running gateway does. */
  async reload(): Promise<void> {
    const { configFile: configPath, environment } = this;
    this.running.settingsInForce = (await loadConfig({ configPath, environment })).settings;
  }

  /** A command as it is handed over; undefined when the text is none. */
  command(text: string, { role = "owner", from = ANNA, message, wasBegun = false }: Writer = {}) {
    const given = parseCommand(text);
    return given && this.#entry(composeCommand(given, role), { from, message, wasBegun });
  }

  /** Writes a command; the answer is the reply. */
  async ask(text: string, writer: Writer = {}): Promise<string> {
    const command = this.command(text, writer);
    if (command === undefined) throw new Error(`${text} is no command`);
    const { reply } = await this.operations.run(command);
    return reply(writer.done ?? { stopped: undefined, dropped: 0 });
  }

  #entry(
    command: ChatCommand,
    { from, message, wasBegun }: { from: Handle; message: Writer["message"]; wasBegun: boolean },
  ): CommandEntry {
    return {
      entryId: 1 as never,
      accountId: HOME,
      conversationId: 1 as never,
      handle: from,
      message: this.running.world.message(from, "", message),
      command,
      agentId: "main" as never,
      sessionKey: "agent:main:main" as never,
      wasBegun,
    };
  }
}
