// Ends the process as a reader that went away ends other programs: by SIGPIPE, without a word.

/** Dies of SIGPIPE. Node ignores that signal until a listener for it has come and gone. */
export function dieOfBrokenPipe(): void {
  const listener = (): void => {};
  process.on("SIGPIPE", listener);
  process.off("SIGPIPE", listener);
  process.kill(process.pid, "SIGPIPE");
}
