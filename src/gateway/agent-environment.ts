// What of the gateway's environment agents are given: not what is its own, and not what it takes its secrets from.

/** No secrets, and a program that does not find them may not work: given even where the config takes them, as in `${HOME}/notes`. */
const COMMON = /^(HOME|PATH|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TERM|TMPDIR|PWD|XDG_[A-Z_]+)$/;

/** The variables without `CODERCLAW_…` and without those named in `withheld`. */
export function agentEnvironment(
  variables: Readonly<Record<string, string>>,
  withheld: readonly string[],
): Readonly<Record<string, string>> {
  const kept = Object.entries(variables).filter(
    ([name]) => !name.startsWith("CODERCLAW_") && (COMMON.test(name) || !withheld.includes(name)),
  );
  return Object.fromEntries(kept);
}
