// What of the gateway's environment agents are given: not what is its own, and not what it takes its secrets from.

/** The variables without `CODERCLAW_…` and without those named in `withheld`. */
export function agentEnvironment(
  variables: Readonly<Record<string, string>>,
  withheld: readonly string[],
): Readonly<Record<string, string>> {
  const kept = Object.entries(variables).filter(
    ([name]) => !name.startsWith("CODERCLAW_") && !withheld.includes(name),
  );
  return Object.fromEntries(kept);
}
