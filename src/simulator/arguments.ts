// Parses a command's arguments the way the recorded imsg does.

/** An option or a flag of a command. */
export interface OptionSpec {
  /** All names, the first being the one values are kept under: `--db`, `-v`. */
  readonly names: readonly string[];
  readonly help: string;
  /** A flag stands alone; an option takes one value; a list takes all up to the next option. */
  readonly takes: "nothing" | "value" | "list";
}

/** The arguments are wrong; the message is what imsg prints. */
export class ArgumentError extends Error {}

/** Values by the first name of their option. */
export class Values {
  readonly #values = new Map<string, string[]>();

  /** Adds a value; a flag adds an empty one. */
  add(name: string, value: string): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  /** The last value given; undefined when absent. */
  option(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Every value given, cut at commas. */
  list(name: string): string[] {
    return (this.#values.get(name) ?? []).flatMap((value) => value.split(",")).filter(Boolean);
  }

  /** A whole number; undefined when absent or not one, as imsg takes it. */
  integer(name: string): number | undefined {
    const value = this.option(name);
    return value !== undefined && /^[+-]?\d+$/u.test(value) ? Number(value) : undefined;
  }

  /** Whether a flag was given. */
  flag(name: string): boolean {
    return this.#values.has(name);
  }
}

/** Parses. Contract: throws ArgumentError on the first thing it does not know. */
export function parseArguments(argv: readonly string[], specs: readonly OptionSpec[]): Values {
  const values = new Values();
  const rest = [...argv];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (!token.startsWith("-")) throw new ArgumentError(`Unexpected argument: ${token}`);
    const equals = token.indexOf("=");
    const name = equals === -1 ? token : token.slice(0, equals);
    const spec = specs.find(({ names }) => names.includes(name));
    const key = spec?.names[0];
    if (spec === undefined || key === undefined) throw new ArgumentError(`Unknown option ${name}`);
    if (spec.takes === "nothing") {
      values.add(key, "");
      continue;
    }
    const value = equals === -1 ? rest.shift() : token.slice(equals + 1);
    if (value === undefined) throw new ArgumentError(`Missing value for option ${name}`);
    values.add(key, value);
    while (spec.takes === "list" && rest[0] !== undefined && !rest[0].startsWith("-")) {
      values.add(key, rest.shift() ?? "");
    }
  }
  return values;
}
