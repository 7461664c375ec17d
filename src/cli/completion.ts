// `completion bash|zsh|fish`: a script for the shell, made from the commands themselves.
import { Argument, Option, type Command } from "commander";
import { GatewayError } from "../model/errors.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { KINDS, readValues, VALUES_OF, type ValueKind } from "./completion-values.ts";
import { renderBash, renderFish, renderZsh, type Place } from "./shell-scripts.ts";

const RENDERERS = { bash: renderBash, zsh: renderZsh, fish: renderFish } as const;
type Shell = keyof typeof RENDERERS;

/** Adds `completion`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("completion")
    .summary("completion script for a shell")
    .description("Prints a script that lets the shell complete commands and options.")
    .addArgument(new Argument("[shell]", "which shell").choices(Object.keys(RENDERERS)))
    .addOption(
      new Option("--values <kind>", "used by the scripts: print values of a kind").choices(KINDS).hideHelp(),
    )
    .addHelpText(
      "after",
      examples(
        ["source <(coderclaw completion bash)", "in ~/.bashrc"],
        ["source <(coderclaw completion zsh)", "in ~/.zshrc, after compinit"],
        ["coderclaw completion fish | source", "in ~/.config/fish/config.fish"],
      ),
    )
    .action(async (shell: Shell | undefined, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly values?: ValueKind }>();
      if (options.values !== undefined)
        return cli.print((await readValues(options.values, options)).join("\n"));
      if (shell === undefined)
        throw new GatewayError("cli/usage", "coderclaw completion needs the name of a shell", {
          hint: `Use one of ${Object.keys(RENDERERS).join(", ")}. Run \`coderclaw completion --help\` to see how.`,
        });
      cli.print(RENDERERS[shell](placesOf(await cli.wholeTree(), [])));
    });
}

/** What the values of an argument or an option are, by its name; `id` means an agent only where agents are talked about. */
function kindOf(name: string, path: readonly string[]): ValueKind | undefined {
  if (name === "id") return path[0] === "agents" ? "agents" : undefined;
  return VALUES_OF[name];
}

/** Every place on the command line with what may follow there, the program itself first. */
function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const commands = command.commands.map((one) => ({ word: one.name(), help: one.summary() }));
  const choices = command.registeredArguments.flatMap((argument) =>
    (argument.argChoices ?? []).map((word) => ({ word, help: argument.description })),
  );
  const values = command.registeredArguments.flatMap((argument) => kindOf(argument.name(), path) ?? []).at(0);
  const options = [...command.options, ...(command.parent?.parent?.options ?? command.parent?.options ?? [])]
    .filter((option) => !option.hidden && option.long !== undefined && option.long !== null)
    .map((option) => ({ word: option.long ?? "", help: option.description }));
  const help = { word: "--help", help: "show help" };
  const here: Place = { path, words: [...commands, ...choices, ...options, help], values };
  return [here, ...command.commands.flatMap((one) => placesOf(one, [...path, one.name()]))];
}
