// Which of the things to choose from is meant by what a person wrote.
import type { Choice } from "../model/agent-session.ts";
import { plainLine } from "../model/plain-line.ts";

/** What a text may mean: one is meant, several or none means that it is not known which. */
export interface FoundChoice {
  /** Undefined: it is not known which. */
  readonly choice: Choice | undefined;
  /** What it could be; empty: nothing. */
  readonly near: readonly Choice[];
}

/** Goes by the id, else by the name, else by the beginning of either that no other one shares; case does not matter. */
export function findChoice(choices: readonly Choice[], text: string): FoundChoice {
  const wanted = fold(text);
  const tests: readonly ((choice: Choice) => boolean)[] = [
    ({ id }) => id === text,
    ({ id }) => fold(id) === wanted,
    ({ name }) => fold(name) === wanted,
    ({ id, name }) => fold(id).startsWith(wanted) || fold(name).startsWith(wanted),
  ];
  for (const isMeant of tests) {
    const near = choices.filter(isMeant);
    const [choice] = near;
    if (choice) return { choice: near.length === 1 ? choice : undefined, near };
  }
  const near = choices.filter(({ id, name }) => fold(id).includes(wanted) || fold(name).includes(wanted));
  return { choice: undefined, near };
}

/** A phone writes capitals and blanks of its own. */
function fold(text: string): string {
  return plainLine(text).toLowerCase();
}
