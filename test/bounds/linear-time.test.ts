// Twice the text takes twice the time, whoever wrote it: nobody holds the gateway up with a text.
import { describe, expect, test } from "vitest";
import { loadPatternEngine } from "../../src/model/mention-pattern.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import { TEXT_FUNCTIONS } from "./text-functions.ts";
import { findSlowness } from "./timing.ts";

/** Each text is made once for each length. */
const texts = HOSTILE_TEXTS.map(({ name, make }) => {
  const made = new Map<number, string>();
  return {
    name,
    make: (length: number): string => {
      const text = made.get(length) ?? flat(make(length));
      made.set(length, text);
      return text;
    },
  };
});

/** In one piece of memory, as a text from outside is. */
function flat(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

await loadPatternEngine();

/** Errors are thrown by the thousand; where is of no interest. */
Error.stackTraceLimit = 0;

describe("grows linearly", () => {
  test.each(TEXT_FUNCTIONS)("%s", (_name, run) => {
    const slow = texts.flatMap(({ name, make }) => {
      const slowness = findSlowness(run, make);
      return slowness === undefined ? [] : [`${name}: ${slowness}`];
    });
    expect(slow).toEqual([]);
  });
});

test("a function that does not is found", () => {
  const quadratic = (text: string): void => void /x+$/u.test(text);
  expect(findSlowness(quadratic, (length) => `${"x".repeat(length)}y`)).toMatch(/ms for/);
});
