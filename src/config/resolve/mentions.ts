// Mention patterns: the agent's own, else those of `messages`; each must be one.
import { needsEngine, parseMentionPattern } from "../../model/mention-pattern.ts";
import type { ConfigPath } from "../read/path.ts";
import type { Report } from "./report.ts";
import type { WrittenConfig } from "../schema/schema.ts";

type WrittenAgents = Readonly<NonNullable<NonNullable<WrittenConfig["agents"]>["list"]>>;

const SHARED: ConfigPath = ["messages", "groupChat", "mentionPatterns"];

/** True when a pattern of the config can only be read once `loadPatternEngine` is done. */
export function needsPatternEngine(config: WrittenConfig): boolean {
  const own = (config.agents?.list ?? []).flatMap((agent) => agent.groupChat?.mentionPatterns ?? []);
  return needsEngine([...own, ...(config.messages?.groupChat?.mentionPatterns ?? [])]);
}

/** Refuses every pattern that cannot be read, used or not. Contract: throws when `needsPatternEngine` was not heeded. */
export function refuseBadPatterns(config: WrittenConfig, agents: WrittenAgents, report: Report): void {
  const refuse = (patterns: readonly string[] | undefined, path: ConfigPath): void => {
    for (const [index, pattern] of (patterns ?? []).entries()) {
      const parsed = parseMentionPattern(pattern);
      if (!parsed.ok)
        report.refuse([...path, index], pattern, {
          reason: parsed.reason,
          hint: "Write a name, or a regular expression in RE2's syntax.",
        });
    }
  };
  refuse(config.messages?.groupChat?.mentionPatterns, SHARED);
  for (const [index, agent] of agents.entries()) refuse(agent.groupChat?.mentionPatterns, ownPath(index));
}

/** The patterns of an agent: its own, `[]` too, else those of `messages`. */
export function mentionPatternsOf(agent: WrittenAgents[number], config: WrittenConfig): readonly string[] {
  return agent.groupChat?.mentionPatterns ?? config.messages?.groupChat?.mentionPatterns ?? [];
}

/** Where the patterns of an agent are written, or would be. */
export function mentionPatternsPath(config: WrittenConfig, agentId: string): ConfigPath {
  const index = (config.agents?.list ?? []).findIndex(({ id }) => id === agentId);
  const own = config.agents?.list?.[index]?.groupChat?.mentionPatterns;
  return own === undefined ? SHARED : ownPath(index);
}

function ownPath(index: number): ConfigPath {
  return ["agents", "list", index, "groupChat", "mentionPatterns"];
}
