// `coderclaw demo`: the main job on a machine without a Mac, at a terminal to try, without one as a check.
import { examples, type Register } from "./cli.ts";

const STOP_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Adds the command. */
export const register: Register = (program, cli) => {
  program
    .command("demo")
    .summary("try everything without a Mac, in a throw-away folder")
    .description(
      "Runs a gateway and a stand-in for Messages in a throw-away folder.\n" +
        "At a terminal you get a phone to type on. Without one the demo tells the same\n" +
        "story by itself, checks each step, and exits 0 only if all held.",
    )
    .option("--keep", "keep the folder at the end, and say where it is")
    .addHelpText(
      "after",
      examples(
        ["coderclaw demo", "type to an agent"],
        ["coderclaw demo </dev/null", "watch it happen, checked step by step"],
      ),
    )
    .action(async ({ keep = false }: { readonly keep?: boolean }) => {
      cli.exitWith(await runDemo(keep, (line) => cli.print(line)));
    });
};

async function runDemo(keep: boolean, print: (line: string) => void): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  try {
    if (process.stdin.isTTY && process.stdout.isTTY) {
      const { runChat } = await import("./demo/chat.ts");
      await runChat({ stop, keep });
      return 0;
    }
    const { tellStory } = await import("./demo/story.ts");
    const screen = { columns: 80, colour: process.stdout.isTTY && process.stdout.hasColors() };
    return (await tellStory({ screen, print, signal: stop.signal, keep })) ? 0 : 1;
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
    print("Stopped.");
    return 1;
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  }
}
