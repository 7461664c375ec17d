// An agent of a scenario that answers with one word and keeps what it was given, turn by turn.
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { until, type World } from "./world.ts";

/** A turn as the agent was given it. */
export interface GivenTurn {
  readonly agentId: string;
  readonly accountId: string;
  readonly sessionKey: string;
  readonly sessionId: string;
  readonly chatTarget: string;
  readonly systemPrompt: string;
  readonly prompt: string;
  readonly messages: readonly { readonly sender: string; readonly text: string }[];
}

/** An agent that records. */
export class Recorder {
  /** For `agents.list[].runtime` or `agents.defaults.runtime`. */
  readonly runtime: Readonly<Record<string, unknown>>;
  readonly #folder: string;
  readonly #world: World;

  /** `answer` is what it says to everything; with input `text` there are only `inputs`. */
  constructor(world: World, answer = "noted", input: "text" | "json" = "json") {
    this.#world = world;
    this.#folder = join(world.dir, `turns-${answer.replaceAll(/\W+/g, "-")}`);
    mkdirSync(this.#folder);
    const file = `${this.#folder}/$CODERCLAW_TURN_ID.$CODERCLAW_TURN_ATTEMPT`;
    const script = `cat > "${file}.part" && mv "${file}.part" "${file}.given"; printf '%s' "$1"`;
    this.runtime = { type: "command", command: ["sh", "-c", script, "sh", answer], input };
  }

  /** The turns so far, in the order they began. */
  turns(): readonly GivenTurn[] {
    return this.inputs().map((text) => JSON.parse(text) as GivenTurn);
  }

  /** What it read so far, turn by turn, byte for byte. */
  inputs(): readonly string[] {
    const files = readdirSync(this.#folder).filter((name) => name.endsWith(".given"));
    const paths = files.map((name) => join(this.#folder, name));
    const at = (path: string): bigint => statSync(path, { bigint: true }).mtimeNs;
    const inOrder = paths.sort((one, other) => (at(one) < at(other) ? -1 : 1));
    return inOrder.map((path) => readFileSync(path, "utf8"));
  }

  /** Waits until it was asked `count` times, and gives the last of these turns. */
  async nth(count: number): Promise<GivenTurn> {
    const turns = await until(
      () => this.turns().length >= count && this.turns(),
      () => `turn ${count} of ${this.turns().length}\n${this.#world.lastLog()}`,
    );
    const turn = turns[count - 1];
    if (turn === undefined) throw new Error(`no turn ${count}`);
    return turn;
  }
}
