// What the benchmark is doing, on stderr.

/** Says one line. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
