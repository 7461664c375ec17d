// Questions and answers of the onboarding: asked at a terminal, or answered by options in a script. Each answer is checked at once.
import { GatewayError } from "../../model/errors.ts";
import { cancelled } from "../ask.ts";

/** What a question needs to be asked, or to be answered without a terminal. */
interface Question<T> {
  readonly message: string;
  /** Offered; taken without asking when the script says `--yes`. */
  readonly initial?: T | undefined;
  /** The option that answers it, such as `--owner <handle>`. */
  readonly option: string;
  /** What the option said; undefined: it was not given. */
  readonly answered: T | undefined;
}

/** One of several. */
export interface Choice<T extends string> extends Question<T> {
  readonly choices: readonly { readonly value: T; readonly label: string; readonly hint?: string }[];
}

/** A line of text. */
export interface TextQuestion extends Question<string> {
  readonly placeholder?: string;
  /** Why the text is not an answer; undefined: it is one. */
  readonly check: (text: string) => string | undefined;
}

/** Talks to the person, or stands in for one. Contract: every question rejects with `cli/cancelled` on Ctrl-C. */
export interface Interview {
  readonly isInteractive: boolean;
  choose<T extends string>(question: Choice<T>): Promise<T>;
  text(question: TextQuestion): Promise<string>;
  confirm(question: Question<boolean>): Promise<boolean>;
  /** Shows a heading. */
  step(title: string): void;
  say(text: string): void;
  /** Shows that something takes its time. */
  working<T>(message: string, work: () => Promise<T>): Promise<T>;
}

/** The interview of a script: options answer, `--yes` takes what is offered, and anything else is an error that names the option. */
export function scripted(note: (text: string) => void, acceptsOffers: boolean): Interview {
  const answer = <T>({ message, initial, option, answered }: Question<T>): T => {
    const given = answered ?? (acceptsOffers ? initial : undefined);
    if (given !== undefined) return given;
    throw new GatewayError("cli/usage", `"${message}" needs an answer, and there is no terminal to ask at`, {
      hint: `Answer with ${option}.`,
    });
  };
  return {
    isInteractive: false,
    choose: async (question) => answer(question),
    text: async (question) => {
      const text = answer(question);
      const fault = question.check(text);
      if (fault === undefined) return text;
      throw new GatewayError("cli/usage", `"${text}" does not answer "${question.message}": ${fault}`, {
        hint: `Correct ${question.option}.`,
      });
    },
    confirm: async (question) => answer(question),
    step: note,
    say: note,
    working: async (message, work) => {
      note(`… ${message}`);
      return work();
    },
  };
}

/** The interview at a terminal; what an option answers is not asked. */
export async function atTerminal(): Promise<Interview> {
  const prompts = await import("@clack/prompts");
  const taken = <T>(answer: T | symbol): T => {
    if (typeof answer === "symbol") throw cancelled();
    return answer;
  };
  return {
    isInteractive: true,
    choose: async <T extends string>({ message, choices, initial, answered }: Choice<T>): Promise<T> => {
      if (answered !== undefined) return answered;
      const options = choices.map(({ value, label, hint }) => ({
        value: value as string,
        label,
        ...(hint !== undefined && { hint }),
      }));
      return taken(
        await prompts.select({
          message,
          options,
          ...(initial !== undefined && { initialValue: initial }),
        }),
      ) as T;
    },
    text: async ({ message, initial, placeholder, answered, check }) => {
      if (answered !== undefined && check(answered) === undefined) return answered;
      const answer = await prompts.text({
        message,
        validate: (text) => check(text ?? ""),
        ...(initial !== undefined && { initialValue: initial }),
        ...(placeholder !== undefined && { placeholder }),
      });
      return taken<string>(answer);
    },
    confirm: async ({ message, initial, answered }) =>
      answered ?? taken<boolean>(await prompts.confirm({ message, initialValue: initial ?? true })),
    step: (title) => prompts.log.step(title),
    say: (text) => prompts.log.message(text),
    working: async (message, work) => {
      const spinner = prompts.spinner();
      spinner.start(message);
      try {
        const result = await work();
        spinner.stop(message);
        return result;
      } catch (thrown) {
        spinner.stop(`${message}: failed`);
        throw thrown;
      }
    },
  };
}
