// The schema of `channels.imessage` and its accounts.
import * as z from "zod/mini";
import { key, wholeNumber, words } from "./key.ts";

/** The built-in defaults of an account; applied after channel and account are merged. */
export const ACCOUNT_DEFAULTS = {
  cliPath: "imsg",
  service: "auto",
  region: "US",
  dmPolicy: "pairing",
  groupPolicy: "allowlist",
  historyLimit: 50,
  includeAttachments: false,
  attachmentRoots: ["~/Library/Messages/Attachments"],
  remoteAttachmentRoots: ["/Users/*/Library/Messages/Attachments"],
  mediaMaxMb: 16,
  configWrites: true,
  probeTimeoutMs: 10_000,
  textChunkLimit: 4000,
  chunkMode: "length",
  catchupMaxAgeMinutes: 120,
  turnsPerMinute: 20,
  sendsPerMinute: 10_000,
  sendsPerHour: 100_000,
} as const;

/** A terabyte: nothing that a message brings is larger. */
const MOST_MEGABYTES = 1_000_000;

const LIMITS = {
  turnsPerMinute: "turns a conversation may start in a minute; what is over waits",
  sendsPerMinute: "messages an account may send in a minute; what is over waits",
  sendsPerHour: "messages an account may send in an hour; what is over waits",
} as const;

/** `limits`: of the top level, with the defaults, or of what takes its own from there. */
export function limitsSection(level: "top" | "inherits") {
  const limit = (name: keyof typeof LIMITS) =>
    key(
      wholeNumber(1),
      LIMITS[name],
      level === "top" ? { default: ACCOUNT_DEFAULTS[name] } : { defaultText: `\`limits.${name}\`` },
    );
  return z.strictObject({
    turnsPerMinute: limit("turnsPerMinute"),
    sendsPerMinute: limit("sendsPerMinute"),
    sendsPerHour: limit("sendsPerHour"),
  });
}

const entries = () => z.array(words());

const groupSchema = z.strictObject({
  enabled: key(z.boolean(), "false drops what is written there", { default: true }),
  requireMention: key(
    z.boolean(),
    "answered is only what calls the agent by one of its `mentionPatterns`; the rest is context",
    { default: true },
  ),
  allowFrom: key(entries(), "who is admitted there", { defaultText: "`groupAllowFrom`" }),
  agentId: key(words(), "the agent that answers there", { defaultText: "what `bindings` say" }),
  systemPrompt: key(z.string(), "given to the agent before the messages of the group", { default: "" }),
  historyLimit: key(wholeNumber(0), "unanswered messages shown to the agent as context; 0 none", {
    defaultText: "`historyLimit`",
  }),
});

const directChatSchema = z.strictObject({
  historyLimit: key(wholeNumber(0), "turns of this direct chat shown to the agent again; 0 none", {
    defaultText: "`dmHistoryLimit`",
  }),
});

const ACCOUNT_KEYS = {
  enabled: key(z.boolean(), "false stops it; on the channel it stops every account", {
    default: true,
    defaultText: "true once the section exists",
  }),
  name: key(words(), "label in lists"),
  cliPath: key(
    words(),
    "program that speaks `imsg` on stdio: the binary, a wrapper script that uses SSH, or `ssh://user@host[:port]/path/to/imsg` (without a path `imsg`, `/~/…` from the home there), for which SSH is started for you",
    {
      default: ACCOUNT_DEFAULTS.cliPath,
    },
  ),
  dbPath: key(
    words(),
    "Messages database, passed to `imsg` as `--db`; on another Mac `~` is the home there",
    { defaultText: "imsg's own" },
  ),
  remoteHost: key(
    words(),
    "the Mac behind a wrapper script, `host` or `user@host`: files are copied from and to it",
    { defaultText: "as the script says" },
  ),
  service: key(z.enum(["auto", "imessage", "sms"]), "service of sends to a bare handle", {
    default: ACCOUNT_DEFAULTS.service,
  }),
  region: key(
    z.string().check(z.regex(/^[A-Za-z]{2}$/, "must be a two-letter country code (ISO 3166)")),
    "country by which numbers without `+` are read",
    { default: ACCOUNT_DEFAULTS.region },
  ),
  dmPolicy: key(
    z.enum(["pairing", "allowlist", "open", "disabled"]),
    "who may write directly: `pairing` gives strangers a code for you to approve, `allowlist` takes only `allowFrom`, `open` everybody (`allowFrom` must hold `*`), `disabled` nobody",
    {
      default: ACCOUNT_DEFAULTS.dmPolicy,
    },
  ),
  allowFrom: key(
    entries(),
    "who is admitted: `*`, handles, `chat_id:N`, `chat_guid:G`, `chat_identifier:I`",
    {
      default: [],
    },
  ),
  groupPolicy: key(
    z.enum(["allowlist", "open", "disabled"]),
    "whose group messages are taken: `allowlist` those of `groupAllowFrom`, `open` everybody's, `disabled` nobody's",
    { default: ACCOUNT_DEFAULTS.groupPolicy },
  ),
  groupAllowFrom: key(
    entries(),
    "who is admitted in groups; entries as in `allowFrom`. An empty list admits nobody",
    {
      defaultText: "`allowFrom`",
    },
  ),
  groups: key(
    z.record(z.string(), groupSchema),
    'one entry per group: `"12"` (its `chat_id`), `chat_guid:G`, `chat_identifier:I`, or `"*"` for every other. With any entry, only groups that one names are answered; what an entry does not say, `"*"` says, then the default',
    { default: {}, entryName: "CHAT" },
  ),
  historyLimit: key(wholeNumber(0), "unanswered messages of a group shown to the agent as context; 0 none", {
    default: ACCOUNT_DEFAULTS.historyLimit,
  }),
  dmHistoryLimit: key(wholeNumber(0), "turns of a direct chat shown to the agent again; 0 none", {
    defaultText: "none for `command`; for `model`, and `acp` where it begins anew, as many as fit",
  }),
  dms: key(
    z.record(z.string(), directChatSchema),
    "one entry per direct chat, by the handle of the other person",
    { default: {}, entryName: "HANDLE" },
  ),
  includeAttachments: key(z.boolean(), "files that come with messages are handed to the agent", {
    default: ACCOUNT_DEFAULTS.includeAttachments,
  }),
  attachmentRoots: key(
    z.array(words()),
    "folders that files of messages may come from: absolute paths, `~` is the home folder, `*` stands for one name. What lies elsewhere is refused",
    { default: ACCOUNT_DEFAULTS.attachmentRoots },
  ),
  remoteAttachmentRoots: key(
    z.array(words()),
    "the same where `imsg` runs on another machine: absolute paths of that machine, without `~`",
    { defaultText: '`attachmentRoots` where it is set, else `["/Users/*/Library/Messages/Attachments"]`' },
  ),
  mediaMaxMb: key(
    z.number().check(z.positive(), z.maximum(MOST_MEGABYTES)),
    "largest file, in megabytes, in both directions",
    { default: ACCOUNT_DEFAULTS.mediaMaxMb },
  ),
  textChunkLimit: key(wholeNumber(1), "longest message, in UTF-16 units; longer replies are split", {
    default: ACCOUNT_DEFAULTS.textChunkLimit,
  }),
  chunkMode: key(
    z.enum(["length", "newline"]),
    "`length` splits only past the limit, `newline` sends a message per paragraph",
    { default: ACCOUNT_DEFAULTS.chunkMode },
  ),
  configWrites: key(z.boolean(), "`/config set`, `unset` and `undo` in chat may change this file", {
    default: ACCOUNT_DEFAULTS.configWrites,
  }),
  probeTimeoutMs: key(wholeNumber(1), "limit of each probe step, in milliseconds", {
    default: ACCOUNT_DEFAULTS.probeTimeoutMs,
  }),
  responsePrefix: key(z.string(), "put before the first message of a reply", {
    defaultText: "`messages.responsePrefix`",
  }),
  selfHandles: key(entries(), "handles of this Apple ID; declares its note-to-self chats", { default: [] }),
  allowTo: key(
    entries(),
    "where messages may be sent; entries as in `allowFrom`. An empty list allows nothing",
    {
      defaultText: "anywhere",
    },
  ),
  catchup: key(
    z.strictObject({
      maxAgeMinutes: key(wholeNumber(0), "how old a missed message may be to be answered; 0 answers none", {
        default: ACCOUNT_DEFAULTS.catchupMaxAgeMinutes,
      }),
    }),
    "what was missed while the gateway was down",
  ),
  limits: key(limitsSection("inherits"), "rate limits"),
};

/** One entry of `channels.imessage.accounts`. */
const accountSchema = z.strictObject(ACCOUNT_KEYS);

/** `channels.imessage`. */
export const imessageSchema = z.strictObject({
  ...ACCOUNT_KEYS,
  accounts: key(
    z.record(z.string(), accountSchema),
    "one entry per account, by an id of `a-z`, `0-9`, `_`, `-`; without any there is one account, `default`",
    { entryName: "ID" },
  ),
});

/** `channels.imessage` as written. */
export type ImessageSection = z.infer<typeof imessageSchema>;
/** One group as written. */
export type GroupSection = z.infer<typeof groupSchema>;
/** One account as written. */
export type AccountSection = z.infer<typeof accountSchema>;
