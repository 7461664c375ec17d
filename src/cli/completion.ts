// `completion bash|zsh|fish`: a script for the shell, made from the commands themselves.
import { Argument, type Command } from "commander";
import { examples, type Cli } from "./cli.ts";
import { renderBash, renderFish, renderZsh, type Place } from "./shell-scripts.ts";

const RENDERERS = { bash: renderBash, zsh: renderZsh, fish: renderFish } as const;
type Shell = keyof typeof RENDERERS;

/** Adds `completion`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("completion")
    .summary("completion script for a shell")
    .description("Prints a script that lets the shell complete commands and options.")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(RENDERERS)))
    .addHelpText(
      "after",
      examples(
        ["source <(coderclaw completion bash)", "in ~/.bashrc"],
        ["source <(coderclaw completion zsh)", "in ~/.zshrc, after compinit"],
        ["coderclaw completion fish | source", "in ~/.config/fish/config.fish"],
      ),
    )
    .action(async (shell: Shell) => {
      cli.print(RENDERERS[shell](placesOf(await cli.wholeTree(), [])));
    });
}

/** Every place on the command line with what may follow there, the program itself first. */
function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const commands = command.commands.map((one) => ({ word: one.name(), help: one.summary() }));
  const choices = command.registeredArguments.flatMap((argument) =>
    (argument.argChoices ?? []).map((word) => ({ word, help: argument.description })),
  );
  const options = [...command.options, ...(command.parent?.parent?.options ?? command.parent?.options ?? [])]
    .filter((option) => option.long !== undefined && option.long !== null)
    .map((option) => ({ word: option.long ?? "", help: option.description }));
  const help = { word: "--help", help: "show help" };
  const here: Place = { path, words: [...commands, ...choices, ...options, help] };
  return [here, ...command.commands.flatMap((one) => placesOf(one, [...path, one.name()]))];
}
