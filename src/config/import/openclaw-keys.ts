// What the keys of OpenClaw's config (and of its earlier names, Moltbot and Clawdbot) mean here: their published reference, read in November 2026.
import type { ConfigPath } from "../read/path.ts";

/** What becomes of one key. */
export type Meaning =
  | { readonly kind: "set"; readonly path: ConfigPath; readonly value: unknown; readonly note: string }
  | { readonly kind: "leave"; readonly because: string };

/** Sections that earlier versions called otherwise, longest first. */
export const MOVED: readonly (readonly [from: ConfigPath, to: ConfigPath])[] = [
  [
    ["routing", "groupChat"],
    ["messages", "groupChat"],
  ],
  [["routing", "bindings"], ["bindings"]],
  [["imessage"], ["channels", "imessage"]],
  [["agent"], ["agents", "defaults"]],
];

type Rule = readonly [pattern: string, meaning: (value: unknown, path: ConfigPath) => Meaning];

/** Keys that mean something here under another name or with other values; `*` stands for one segment. */
const TRANSLATED: readonly Rule[] = [
  ["channels.imessage.blockStreaming", streaming],
  ["channels.imessage.accounts.*.blockStreaming", streaming],
  ["agents.defaults.blockStreamingDefault", streaming],
  [
    "channels.imessage.catchup.enabled",
    (value) =>
      value === false
        ? set(
            ["channels", "imessage", "catchup", "maxAgeMinutes"],
            0,
            "no catching up is an age of 0 minutes",
          )
        : leave("catching up is always on here"),
  ],
  [
    "agents.defaults.timeoutSeconds",
    () => leave("the time limit belongs to an agent's runtime: timeoutSeconds"),
  ],
  ["gateway.auth.token", (value) => set(["gateway", "token"], value, "the token has no section of its own")],
  [
    "gateway.bind",
    (value) =>
      value === "loopback"
        ? set(["gateway", "bind"], "127.0.0.1", "an address instead of a name")
        : leave("the control server stays on this machine; reach it through a proxy and gateway.publicUrls"),
  ],
  [
    "session.reset.mode",
    (value) =>
      value === "daily" || value === "idle"
        ? set(["session", "reset", "mode"], value, "")
        : leave("sessions are reset daily, when idle, or never"),
  ],
  [
    "session.idleMinutes",
    (value) => set(["session", "reset"], { mode: "idle", idleMinutes: value }, "a reset by idle time"),
  ],
  [
    "session.identityLinks.*",
    (value, path) => {
      const links = (Array.isArray(value) ? value : []).filter(
        (one) => typeof one === "string" && !isForeign(one),
      );
      return links.length === 0
        ? leave("none of these is an address in Messages")
        : set(
            path,
            links,
            links.length === (value as readonly unknown[]).length
              ? ""
              : "without addresses of other channels",
          );
    },
  ],
  [
    "logging.level",
    (value) =>
      value === "trace"
        ? set(["logging", "level"], "debug", "the most talkative level")
        : value === "fatal"
          ? set(["logging", "level"], "error", "the quietest level that says why")
          : set(["logging", "level"], value, ""),
  ],
];

const AGENT = "Agents here are programs: add one with `coderclaw agents add`";

/** Why a section has no meaning here; the longest prefix counts. */
const LEFT: readonly (readonly [prefix: string, because: string])[] = [
  ["channels.bluebubbles", "this channel does not exist here; iMessage runs through imsg"],
  ["channels.imessage.catchup", "only catchup.maxAgeMinutes exists here"],
  ["channels.imessage.blockStreamingCoalesce", "paragraphs are the only unit here"],
  ["channels.imessage.heartbeat", "there are no heartbeats here"],
  ["channels.imessage.actions", "tapbacks and edits are not sent by agents here"],
  ["channels.imessage.markdown", "Markdown becomes what Messages can show, always"],
  ["channels.imessage", "this channel has no such setting here"],
  ["channels", "only Apple Messages exists here"],
  ["identity", "give the agent a name in agents.list"],
  ["agents.defaults.model", AGENT],
  ["agents.defaults.models", AGENT],
  ["agents.defaults", AGENT],
  ["agents.list", AGENT],
  ["models", AGENT],
  ["auth", "agents log in by themselves"],
  ["env", "set variables where the gateway starts, or in service.env"],
  ["tools", "what an agent may do is decided by its own settings and by approvals"],
  ["skills", "skills belong to the agent"],
  ["plugins", "there are no plugins here"],
  ["hooks", "there are no webhooks here"],
  ["cron", "there are no scheduled turns here"],
  ["browser", "a browser belongs to the agent"],
  ["gateway.auth", "the control server takes one token"],
  ["gateway.remote", "the control page is reached through gateway.publicUrls"],
  ["gateway.tailscale", "use `tailscale serve` with gateway.publicUrls"],
  ["gateway", "the control server has fewer settings here"],
  ["session", "sessions have fewer settings here"],
  ["messages", "replies have fewer settings here"],
  ["commands", "commands in chat have fewer settings here"],
  ["logging", "the log goes to stderr or to the service's log"],
];

/** What a key means; undefined: the same as here, if the schema has it. */
export function meaningOf(path: ConfigPath, value: unknown): Meaning | undefined {
  const rule = TRANSLATED.find(([pattern]) => matches(path, pattern.split(".")));
  return rule?.[1](value, path);
}

/** Why a key that the schema does not have is left out. */
export function reasonFor(path: ConfigPath): string {
  const text = path.join(".");
  const found = LEFT.filter(([prefix]) => text === prefix || text.startsWith(`${prefix}.`));
  const longest = found.toSorted(([one], [other]) => other.length - one.length).at(0);
  return longest?.[1] ?? "there is no such setting here";
}

function matches(path: ConfigPath, pattern: readonly string[]): boolean {
  return path.length === pattern.length && pattern.every((part, at) => part === "*" || part === path[at]);
}

/** An address of another channel: `telegram:123`. */
function isForeign(link: string): boolean {
  return /^(?!imessage:|sms:|auto:)[a-z]+:/iu.test(link);
}

function streaming(value: unknown): Meaning {
  const isOn = value === true || value === "on";
  return set(
    ["agents", "defaults", "streaming"],
    isOn ? "paragraphs" : "off",
    "paragraphs are sent as they are written, or not",
  );
}

function set(path: ConfigPath, value: unknown, note: string): Meaning {
  return { kind: "set", path, value, note };
}

function leave(because: string): Meaning {
  return { kind: "leave", because };
}
