// The whole configuration schema: the single source of validation, types, editor schema and reference page.
import * as z from "zod/mini";
import { imessageSchema, limitsSection } from "./imessage.ts";
import { key, requiredKey, wholeNumber, words } from "./key.ts";
import { runtimeSchema } from "./runtime.ts";

/** The built-in defaults outside an account. */
export const DEFAULTS = {
  agentId: "main",
  maxConcurrent: 4,
  streaming: "off",
  longTurnSeconds: 60,
  resetMode: "never",
  resetAtHour: 4,
  resetIdleMinutes: 60,
  dmScope: "main",
  commandsConfig: false,
  useAccessGroups: true,
  allowSms: false,
  debounceMs: 0,
  maxPartsPerReply: 20,
  bind: "127.0.0.1",
  port: 18_789,
  logLevel: "info",
} as const;

/** Ten years. */
const MAX_IDLE_MINUTES = 5_256_000;

/** Longest wait a timer can hold, in seconds. */
const MAX_SECONDS = 2_147_483;

const runtimeKey = (defaultText: string) => key(runtimeSchema, "what a turn is", { defaultText });

type Default = { readonly default?: unknown; readonly defaultText?: string };

/** How a conversation feels while an agent works: of all agents, or of one. */
const liveliness = (level: "all" | "one") => {
  const fallback = (name: "streaming" | "longTurnSeconds"): Default =>
    level === "all" ? { default: DEFAULTS[name] } : { defaultText: `\`agents.defaults.${name}\`` };
  return {
    streaming: key(
      z.enum(["off", "paragraphs"]),
      "when an answer is sent: once it is whole, or paragraph by paragraph while the agent still writes",
      fallback("streaming"),
    ),
    longTurnSeconds: key(
      z.number().check(z.nonnegative(), z.maximum(MAX_SECONDS)),
      "after so many seconds people are told, once, that the agent is still at work; 0 never",
      fallback("longTurnSeconds"),
    ),
  };
};

const groupChat = (defaults: Default) =>
  key(
    z.strictObject({
      mentionPatterns: key(
        z.array(words()),
        "how an agent is called in groups: names, which stand as whole words, or regular expressions without case",
        defaults,
      ),
    }),
    "mentions in groups",
  );

const agentSchema = z.strictObject({
  id: requiredKey(words(), "names the agent in bindings and session keys: `a-z`, `0-9`, `_`, `-`"),
  default: key(z.boolean(), "takes what no binding names", { defaultText: "the first of the list" }),
  name: key(words(), "label in lists", { defaultText: "the id" }),
  runtime: runtimeKey("`agents.defaults.runtime`"),
  workspace: key(words(), "folder the agent works in", {
    defaultText: "`workspace` in the state folder; `workspace-ID` for all but the default agent",
  }),
  ...liveliness("one"),
  groupChat: groupChat({ defaultText: "`messages.groupChat.mentionPatterns`; `[]` for none" }),
});

const bindingSchema = z.strictObject({
  agentId: requiredKey(words(), "the agent that answers"),
  match: requiredKey(
    z.strictObject({
      channel: key(z.enum(["imessage"]), "the channel: `imessage`, which is every account there is"),
      account: key(words(), "account id"),
      chat: key(words(), "`chat_id:N`, `chat_guid:G` or `chat_identifier:I`"),
      handle: key(words(), "phone number or e-mail"),
    }),
    "what is given must all match; `{}` matches everything",
  ),
});

const resetSchema = z.strictObject({
  mode: key(
    z.enum(["never", "daily", "idle"]),
    "`daily`: with the first message after an hour of the day; `idle`: with the first message after a time without any",
    { default: DEFAULTS.resetMode },
  ),
  atHour: key(wholeNumber(0, 23), "of `daily`: the hour, local time of the gateway's machine", {
    default: DEFAULTS.resetAtHour,
  }),
  idleMinutes: key(wholeNumber(1, MAX_IDLE_MINUTES), "of `idle`: the time, in minutes", {
    default: DEFAULTS.resetIdleMinutes,
  }),
});

/** The whole file. */
export const configSchema = z.strictObject({
  $schema: key(z.string(), "for editors; not read"),
  channels: key(
    z.strictObject({ imessage: key(imessageSchema, "Apple Messages through `imsg`") }),
    "channels",
  ),
  agents: key(
    z.strictObject({
      defaults: key(
        z.strictObject({
          runtime: runtimeKey('`{ type: "echo" }`'),
          workspace: key(words(), "folder agents work in that name none"),
          ...liveliness("all"),
          maxConcurrent: key(wholeNumber(1), "turns that run side by side", {
            default: DEFAULTS.maxConcurrent,
          }),
        }),
        "what agents have in common",
      ),
      list: key(z.array(agentSchema), "the agents; without any there is one, `main`"),
    }),
    "the agents that answer; a number of them may share a gateway",
  ),
  bindings: key(
    z.array(bindingSchema),
    "which agent answers what: the first entry wins whose every given part matches",
    {
      default: [],
    },
  ),
  session: key(
    z.strictObject({
      dmScope: key(
        z.enum(["main", "per-peer", "per-channel-peer", "per-account-channel-peer"]),
        "whose direct messages share one memory",
        { default: DEFAULTS.dmScope },
      ),
      identityLinks: key(
        z.record(z.string(), z.array(words())),
        "handles of one person, who has one memory with all of them (unless `dmScope` is `main`), by a name of `a-z`, `0-9`, `_`, `-`",
        { default: {}, entryName: "NAME" },
      ),
      reset: key(resetSchema, "when a session starts anew by itself"),
    }),
    "what agents remember, and for whom",
  ),
  messages: key(
    z.strictObject({
      groupChat: groupChat({ default: [] }),
      inbound: key(
        z.strictObject({
          debounceMs: key(wholeNumber(0), "messages of one sender within it are one turn, in milliseconds", {
            default: DEFAULTS.debounceMs,
          }),
        }),
        "what comes in",
      ),
      responsePrefix: key(z.string(), "put before the first message of a reply", { default: "" }),
      maxPartsPerReply: key(
        wholeNumber(2, 100),
        "messages an answer may be, its files included; the rest of a longer one is sent as a text file",
        { default: DEFAULTS.maxPartsPerReply },
      ),
    }),
    "what holds for the messages of every account",
  ),
  commands: key(
    z.strictObject({
      config: key(z.boolean(), "the owner may use `/config` in chat", { default: DEFAULTS.commandsConfig }),
      ownerAllowFrom: key(z.array(words()), "handles of the owner, who is told what concerns the gateway", {
        defaultText: "the handles in `allowFrom`",
      }),
      useAccessGroups: key(
        z.boolean(),
        "in groups, commands are taken only from those that `groupAllowFrom` or `allowFrom` lists; false: from everybody who is admitted",
        { default: DEFAULTS.useAccessGroups },
      ),
      allowSms: key(
        z.boolean(),
        "true: an owner's SMS and RCS messages count as the owner's, though anyone can fake their sender",
        { default: DEFAULTS.allowSms },
      ),
    }),
    "commands in chat, and who owns the gateway",
  ),
  gateway: key(
    z.strictObject({
      bind: key(words(), "address the control server listens on; `loopback`: this machine only", {
        default: DEFAULTS.bind,
      }),
      port: key(wholeNumber(0, 65_535), "its port; 0 takes a free one; over it `CODERCLAW_GATEWAY_PORT`", {
        default: DEFAULTS.port,
      }),
      token: key(words(), "its token; over it `CODERCLAW_GATEWAY_TOKEN`", {
        secret: true,
        defaultText: "generated, in `gateway.token` in the state folder",
      }),
      publicUrls: key(
        z.array(words()),
        "where browsers reach the control page from elsewhere, such as `https://mac.example/coderclaw/`; the first one is in the links that are sent",
        { default: [] },
      ),
      metricsToken: key(words(), "token for `/metrics`", {
        secret: true,
        defaultText: "no metrics are served",
      }),
    }),
    "the control server that the command line talks to",
  ),
  store: key(
    z.strictObject({
      url: key(words(), "`sqlite:` and the path of the state database", {
        defaultText: "`state.db` in the state folder",
      }),
    }),
    "where journal, outbox and sessions are kept",
  ),
  logging: key(
    z.strictObject({
      level: key(z.enum(["debug", "info", "warn", "error", "silent"]), "what is said on stderr", {
        default: DEFAULTS.logLevel,
      }),
    }),
    "what the gateway says about itself",
  ),
  limits: key(limitsSection("top"), "rate limits of every account that sets none"),
});

/** The file as written, once it is known to be valid. */
export type WrittenConfig = z.infer<typeof configSchema>;
