// Questions at a terminal. Without one nothing is asked: the caller says which option answers instead.
import { GatewayError } from "../model/errors.ts";

/** Whether a person can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Asks for a yes or no.
 *
 * Contract: rejects with `cli/usage` without a terminal, naming `option` as the way to answer in a script, and with `cli/cancelled`
 * on Ctrl-C.
 */
export async function confirm(question: string, option: string, initial = true): Promise<boolean> {
  if (!isTerminal()) throw noTerminal(question, option);
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({ message: question, initialValue: initial });
  if (prompts.isCancel(answer)) throw cancelled();
  return answer;
}

/** Asks for a line of text. Contract: as `confirm`; what is empty is `initial`. */
export async function askText(
  question: string,
  { option, initial }: { readonly option: string; readonly initial: string },
): Promise<string> {
  if (!isTerminal()) throw noTerminal(question, option);
  const prompts = await import("@clack/prompts");
  const answer = await prompts.text({ message: question, placeholder: initial, defaultValue: initial });
  if (prompts.isCancel(answer)) throw cancelled();
  return answer.trim() || initial;
}

function noTerminal(question: string, option: string): GatewayError {
  return new GatewayError("cli/usage", `"${question}" needs an answer, and there is no terminal to ask at`, {
    hint: `Answer with ${option}.`,
  });
}

/** Ctrl-C at a question. */
export function cancelled(): GatewayError {
  return new GatewayError("cli/cancelled", "Stopped; what you answered before is kept.", {
    hint: "Run the same command again to go on.",
  });
}
