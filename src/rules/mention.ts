// Whether a group message calls the agent, and what that is worth where it cannot be told.
import { parseMentionPattern, type MentionPattern } from "../model/mention-pattern.ts";
import type { AgentSettings } from "../model/settings.ts";

/** What the mention check came to. */
export interface MentionVerdict {
  readonly passed: boolean;
  /** In words, for the gate. */
  readonly saw: string;
}

const parsed = new WeakMap<AgentSettings, readonly MentionPattern[]>();

/**
 * Decides whether a text of a group is for the agent that would answer it.
 *
 * Contract: where a pattern of the agent is more than a name, `loadPatternEngine` was awaited before.
 */
export function decideMention(
  text: string,
  agent: AgentSettings | undefined,
  requireMention: boolean,
): MentionVerdict {
  if (!requireMention) return { passed: true, saw: "not required here" };
  const patterns = agent === undefined ? [] : patternsOf(agent);
  if (patterns.length === 0)
    return {
      passed: true,
      saw: `cannot be enforced: agent ${agent?.id ?? "(none)"} has no mention patterns`,
    };
  const at = patterns.findIndex((pattern) => pattern.matches(text));
  return at === -1
    ? { passed: false, saw: `none of the patterns of agent ${agent?.id}` }
    : { passed: true, saw: `matches ${JSON.stringify(agent?.mentionPatterns[at])}` };
}

/** Read once for a configuration. */
function patternsOf(agent: AgentSettings): readonly MentionPattern[] {
  const known = parsed.get(agent);
  if (known) return known;
  const patterns = agent.mentionPatterns.map((text) => {
    const pattern = parseMentionPattern(text);
    if (!pattern.ok)
      throw new Error(`mention pattern ${JSON.stringify(text)} of agent ${agent.id} ${pattern.reason}`);
    return pattern.value;
  });
  parsed.set(agent, patterns);
  return patterns;
}
