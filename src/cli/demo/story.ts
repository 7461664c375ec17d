// The demo by itself: the main job told step by step, each step printed when it was checked and not before.
import { PHONE_NUMBER, type Received } from "./phone.ts";
import { paint, type Screen } from "./bubbles.ts";
import { countThoughts } from "./place.ts";
import { describeTexts, Unmet, World } from "./world.ts";

const LOG_LINES = 12;

/** One step: what is done is checked by seeing it. */
interface Step {
  readonly title: string;
  /** Lines that show what was seen. Contract: throws `Unmet` when it did not hold. */
  readonly check: (world: World, told: Told) => Promise<readonly string[]>;
}

/** What earlier steps found out. */
interface Told {
  code: string;
  crashed: string;
}

/** Where the story is told. */
export interface Telling {
  readonly screen: Screen;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  readonly keep: boolean;
}

/** Tells the story; true when every step held. Contract: throws only when `signal` aborts or the world cannot be made. */
export async function tellStory(telling: Telling): Promise<boolean> {
  const { screen, print, signal, keep } = telling;
  const startedAt = performance.now();
  const world = await World.make({ signal });
  try {
    print(`CoderClaw demo: a gateway and imsg-sim, the stand-in for imsg, in ${world.place.dir}`);
    print("");
    const told: Told = { code: "", crashed: "" };
    for (const step of STEPS) if (!(await tell(step, { world, told, telling }))) return false;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print("");
    print(paint(screen, "good", `All ${STEPS.length} steps held, in ${seconds} s.`));
    return true;
  } finally {
    await world.close({ keep });
    if (keep) print(`Kept: ${world.place.dir}`);
  }
}

async function tell(
  step: Step,
  { world, told, telling }: { world: World; told: Told; telling: Telling },
): Promise<boolean> {
  const { screen, print } = telling;
  try {
    const seen = await step.check(world, told);
    print(`${paint(screen, "good", "✓")} ${step.title}`);
    for (const line of seen) print(paint(screen, "dim", `    ${line}`));
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Unmet)) throw thrown;
    print(`${paint(screen, "bad", "✗")} ${step.title}`);
    print(`    expected: ${thrown.expected}`);
    print(`    seen:     ${thrown.seen}`);
    print("    the gateway's last lines:");
    for (const line of world.lastLog(LOG_LINES)) print(paint(screen, "dim", `      ${line}`));
    return false;
  }
}

const STEPS: readonly Step[] = [
  {
    title: "The gateway starts and watches the Messages database",
    check: async (world) => [`watching after ${await world.startGateway()} ms`],
  },
  {
    title: "A stranger writes: one reply, with a pairing code",
    check: async (world, told) => {
      await world.phone.text("Hello? Is this the agent?");
      const reply = await world.untilReceived(
        (text) => codeIn(text) !== undefined,
        "a reply with a pairing code",
      );
      told.code = codeIn(reply.text) ?? "";
      if (!reply.text.includes(PHONE_NUMBER))
        throw new Unmet("the stranger's own number in it", describeTexts([reply]));
      return [`${PHONE_NUMBER}: Hello? Is this the agent?`, ...quote(reply)];
    },
  },
  {
    title: "The stranger writes again: held, and no second reply",
    check: async (world) => {
      const line = await textAndDecide(world, "Anybody there?", "pairing.code-pending");
      expectCount(world, 1);
      return [`${PHONE_NUMBER}: Anybody there?`, line];
    },
  },
  {
    title: "The owner approves: the stranger is told, and what waited is answered as one",
    check: async (world, told) => {
      const command = ["pairing", "approve", "imessage", told.code];
      await world.ordered(...command);
      const answer = await world.untilReceived(
        (text) => text === "You said: Hello? Is this the agent?\nAnybody there?",
        "one answer to both held messages",
      );
      expectCount(world, 3);
      const notice = world.phone.received[1];
      if (!notice?.text.includes("approved"))
        throw new Unmet("to be told first", describeTexts(world.phone.received));
      return [shell(command), ...quote(notice), ...quote(answer)];
    },
  },
  {
    title: "A message is answered",
    check: async (world) => {
      const startedAt = performance.now();
      await world.phone.text("Thanks!");
      const answer = await world.untilReceived((text) => text === "You said: Thanks!", "You said: Thanks!");
      const ms = Math.round(performance.now() - startedAt);
      return [`${PHONE_NUMBER}: Thanks!`, ...quote(answer), `seen on the phone after ${ms} ms`];
    },
  },
  {
    title:
      "An agent that thinks for a second is set, live; the gateway is killed in mid-answer: one answer all the same",
    check: crash,
  },
  {
    title: "Why was it answered? The journal says so",
    check: async (world, told) => {
      const explained = await world.ordered("explain", told.crashed);
      if (!explained.includes("ran again, as the gateway was killed"))
        throw new Unmet("a second attempt in it", explained);
      return [shell(["explain", told.crashed]), ...explained.split("\n")];
    },
  },
  {
    title: "With strangers shut out nothing is answered, and the journal says why and what to do",
    check: async (world) => {
      const set = ["config", "set", "channels.imessage.dmPolicy", "allowlist"];
      const from = world.logLength;
      await world.ordered(...set);
      await world.untilLogged("config taken over", from);
      const before = world.phone.received.length;
      const guid = await world.phone.text("And now?");
      await world.untilLogged("dm.not-allowed", from);
      expectCount(world, before);
      const explained = await world.ordered("explain", guid);
      if (!explained.includes(`Add "${PHONE_NUMBER}" to channels.imessage.allowFrom`))
        throw new Unmet("the reason with its fix", explained);
      return [shell(set), `${PHONE_NUMBER}: And now?`, shell(["explain", guid]), ...explained.split("\n")];
    },
  },
];

async function crash(world: World, told: Told): Promise<readonly string[]> {
  const lines: string[] = [];
  await world.think(true, (command) => lines.push(shell(command)));
  const thoughts = await countThoughts(world.place);
  told.crashed = await world.phone.text("What is the plan?");
  await world.untilThinking(thoughts);
  const pid = world.gatewayPid;
  await world.crashGateway();
  lines.push(`${PHONE_NUMBER}: What is the plan?`, `kill -9 ${pid}, while the agent thinks`);
  const startedMs = await world.startGateway();
  lines.push(`started again, watching after ${startedMs} ms`);
  const isAnswer = (text: string): boolean => text.includes('"What is the plan?"');
  const answer = await world.untilReceived(isAnswer, "the answer, after the restart");
  // Turns of one conversation run in order: once the next one is answered, a second answer to this one would be here.
  await world.phone.text("And then?");
  await world.untilReceived((text) => text.includes('"And then?"'), "the next message answered too");
  const answers = world.phone.received.filter(({ text }) => isAnswer(text));
  if (answers.length !== 1) throw new Unmet("exactly one answer", describeTexts(answers));
  await world.think(false, (command) => lines.push(...quote(answer), shell(command)));
  return lines;
}

/** Texts and waits for the gateway's decision; the answer is that line of the log. */
async function textAndDecide(world: World, text: string, code: string): Promise<string> {
  const from = world.logLength;
  await world.phone.text(text);
  await world.untilLogged(code, from);
  const line = world
    .logSince(from)
    .split("\n")
    .find((one) => one.includes(code));
  return `the gateway: ${line?.replace(/^.*?(?=message \d)/u, "") ?? ""}`;
}

function expectCount(world: World, count: number): void {
  const { received } = world.phone;
  if (received.length !== count)
    throw new Unmet(`${count} messages on the phone in all`, describeTexts(received));
}

/** The pairing code in a reply. */
export function codeIn(text: string): string | undefined {
  return /approve imessage ([A-Z2-9]{8})/u.exec(text)?.[1];
}

/** A command as one would type it. */
export function shell(args: readonly string[]): string {
  const words = args.map((word) =>
    /^[\w.:/@+-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return `$ coderclaw ${words.join(" ")}`;
}

function quote(message: Received): string[] {
  return message.text.split("\n").map((line, at) => (at === 0 ? `agent: ${line}` : `       ${line}`));
}
