// Faults and warnings found while settings are resolved; each is kept once however many accounts share it.
import type { ConfigWarning } from "../../model/settings.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import { REDACTED, type Fault } from "../read/problem.ts";

/** Why a value is refused, and what to do. */
export interface Refusal {
  readonly reason: string;
  readonly hint: string;
  /** `key`: it is the key that is refused, not what stands under it. */
  readonly at?: "key" | undefined;
  readonly unknown?: Fault["unknown"];
}

/** Collects what is wrong (faults) and what is surely not meant (warnings). */
export class Report {
  readonly #faults = new Map<string, Fault>();
  readonly #warnings = new Map<string, ConfigWarning>();
  readonly #secretPaths: ReadonlySet<string>;

  constructor(secretPaths: ReadonlySet<string>) {
    this.#secretPaths = secretPaths;
  }

  get faults(): readonly Fault[] {
    return [...this.#faults.values()];
  }

  get warnings(): readonly ConfigWarning[] {
    return [...this.#warnings.values()];
  }

  add(fault: Fault): void {
    this.#faults.set(renderPath(fault.path) + fault.message, fault);
  }

  warn(path: ConfigPath, message: string, hint: string): void {
    const text = renderPath(path);
    this.#warnings.set(text + message, { path: text, message, hint });
  }

  /** A value (or a key) that its own grammar refuses. A value from `${NAME}` is not shown, nor the reason that would quote it. */
  refuse(path: ConfigPath, value: string, because: Refusal): void {
    const where = renderPath(path);
    const secret = this.#secretPaths.has(where);
    if (because.at === "key") {
      const message = `${where}: the key ${JSON.stringify(value)} ${because.reason}`;
      return this.add({ path, at: "key", message, hint: because.hint });
    }
    const shown = secret ? REDACTED : JSON.stringify(value);
    const reason = secret ? "its value is not understood" : because.reason;
    const { hint, unknown } = because;
    this.add({ path, message: `${where} is ${shown}: ${reason}`, hint, ...(unknown && { unknown }) });
  }
}
