// `onboard`: from an empty home to an answered text, one question at a time; left and repeated without harm.
import type { Command } from "commander";
import { GatewayError } from "../model/errors.ts";
import { isTerminal } from "./ask.ts";
import { examples, type Cli } from "./cli.ts";
import { chooseAgent } from "./onboard/agent-step.ts";
import { checkMac } from "./onboard/check-step.ts";
import { atTerminal, scripted } from "./onboard/interview.ts";
import { chooseMac } from "./onboard/mac-step.ts";
import type { Onboarding, OnboardOptions, StepResult } from "./onboard/onboarding.ts";
import { chooseOwner } from "./onboard/owner-step.ts";
import { keepRunning } from "./onboard/service-step.ts";
import { tryIt } from "./onboard/try-step.ts";

const STEPS: readonly ((onboarding: Onboarding) => Promise<StepResult>)[] = [
  chooseMac,
  checkMac,
  chooseOwner,
  chooseAgent,
  tryIt,
  keepRunning,
];

/** The three commands to remember. */
const REMEMBER = [
  ["coderclaw status", "is it running, and what needs me?"],
  ["coderclaw log", "the last messages, and what became of each"],
  ["coderclaw service logs --follow", "what is it doing right now?"],
] as const;

/** Adds `onboard`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("onboard")
    .summary("set everything up, one question at a time")
    .description(
      "Asks where Messages is, who you are and which agent answers, checks each answer, writes it into the config, and ends with an answered text. Run it again at any time: it keeps what is there.\nWithout a terminal, options answer the questions.",
    )
    .option("--mac <place>", "this, none (a stand-in), or ssh://user@host")
    .option("--owner <handle>", "the number or e-mail address you text from")
    .option("--self <handle>", "a number or address of the Mac itself; may be repeated", collect)
    .option("--agent <name>", "the agent that answers, such as claude; none for an echo")
    .option("--workspace <folder>", "the folder the agent works in")
    .option("--try", "wait for a first text and its answer")
    .option("--no-try", "do not wait for a first text")
    .option("--service", "keep the gateway running in the background")
    .option("--no-service", "do not install the service")
    .option("--yes", "take what is offered wherever no option answers")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw onboard", "at a terminal"],
        [
          "coderclaw onboard --mac none --owner +14155550123 --agent none --no-service --yes",
          "in a script, without a Mac",
        ],
      ),
    )
    .action(async (_options, command: Command) => onboard(cli, command.optsWithGlobals()));
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

async function onboard(cli: Cli, options: OnboardOptions): Promise<void> {
  const asks = isTerminal() && !options.yes && !options.json;
  const interview = asks ? await atTerminal() : scripted((text) => cli.note(text), options.yes === true);
  const onboarding: Onboarding = { cli, interview, options };
  const results: StepResult[] = [];
  for (const step of STEPS) {
    const result = await step(onboarding);
    results.push(result);
    // Without a Mac that can be read, nothing after it can work.
    if (result.state === "failed" && result.step === "check" && !interview.isInteractive) break;
  }
  const failures = results.filter(({ state }) => state === "failed");
  if (options.json) cli.printJson({ ok: failures.length === 0, steps: results });
  if (failures.length > 0) {
    if (options.json) return cli.exitWith(1);
    throw new GatewayError(
      "onboard/unfinished",
      `Not everything works yet: ${failures.map(({ step, detail }) => `${step} (${detail})`).join("; ")}`,
      {
        hint: "Fix it as shown above, then run `coderclaw onboard` again: it keeps every answer.",
      },
    );
  }
  if (!options.json)
    cli.print(
      `You are set up.\n${REMEMBER.map(([command, does]) => `  ${command.padEnd(34)}${does}`).join("\n")}`,
    );
}
