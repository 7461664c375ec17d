// Counts how often a rule could have struck, over all processes that read the same faults file.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Rule } from "./rules.ts";

/** The counter beside a faults file: each occasion is a line; whose line stands where decides. */
export class Occasions {
  readonly #path: string;
  readonly #spent = new Set<string>();
  #sequence = 0;

  /** `path` is that of the faults file. */
  constructor(path: string) {
    this.#path = `${path}.count`;
  }

  /**
   * Whether the rule strikes this time; asking is an occasion.
   * Contract: of all processes that ask, `times` are told yes, after `after` were told no; a new `version` starts anew.
   */
  strikes(rule: Rule, version: string): boolean {
    if (rule.times === Infinity && rule.after === 0) return true;
    const key = `${version}/${rule.index}`;
    if (this.#spent.has(key)) return rule.times === Infinity;
    const place = this.#countIn(key);
    const isSpent = rule.times === Infinity ? place > rule.after : place >= rule.after + rule.times;
    if (isSpent) this.#spent.add(key);
    return place > rule.after && place <= rule.after + rule.times;
  }

  /** Adds a line of our own and finds its place among the lines of that key; appending is atomic. */
  #countIn(key: string): number {
    this.#sequence += 1;
    const own = `${key} ${process.pid}.${this.#sequence}`;
    const descriptor = openSync(this.#path, "a+", 0o600);
    try {
      writeSync(descriptor, `${own}\n`);
      const lines = readFileSync(this.#path, "utf8").split("\n");
      return lines.filter((line) => line.startsWith(`${key} `)).indexOf(own) + 1;
    } finally {
      closeSync(descriptor);
    }
  }
}
