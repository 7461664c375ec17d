// How a command of the outside world fails: one line says what is wrong, a second what to do.

/** Wrong usage (exit 2) or a command that failed (exit 1). */
export class CommandFailure extends Error {
  readonly exitCode: 1 | 2;
  readonly remedy: string;

  constructor(exitCode: 1 | 2, message: string, remedy: string) {
    super(message);
    this.name = "CommandFailure";
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/** The command was written wrongly. */
export function usage(message: string, remedy: string): CommandFailure {
  return new CommandFailure(2, message, remedy);
}

/** The command is right, but could not be carried out. */
export function failure(message: string, remedy: string): CommandFailure {
  return new CommandFailure(1, message, remedy);
}
