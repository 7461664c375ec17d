// The schema of `channels.imessage` and its accounts.
import * as z from "zod/mini";
import { key, notYet, wholeNumber, words } from "./schema-key.ts";

/** The built-in defaults of an account; applied after channel and account are merged. */
export const ACCOUNT_DEFAULTS = {
  cliPath: "imsg",
  service: "auto",
  region: "US",
  dmPolicy: "pairing",
  probeTimeoutMs: 10_000,
  textChunkLimit: 4000,
  chunkMode: "length",
  catchupMaxAgeMinutes: 120,
  turnsPerMinute: 20,
} as const;

/** `limits`, of the top level or of a channel that takes its default from there. */
export function limitsSection(inheritedFrom?: string) {
  return z.strictObject({
    turnsPerMinute: key(
      wholeNumber(1),
      "turns a conversation may start in a minute; what is over waits",
      inheritedFrom === undefined
        ? { default: ACCOUNT_DEFAULTS.turnsPerMinute }
        : { defaultText: inheritedFrom },
    ),
    sendsPerMinute: notYet("messages an account may send in a minute"),
    sendsPerHour: notYet("messages an account may send in an hour"),
  });
}

const entries = () => z.array(words());

const ACCOUNT_KEYS = {
  enabled: key(z.boolean(), "false stops it; on the channel it stops every account", {
    default: true,
    defaultText: "true once the section exists",
  }),
  name: key(words(), "label in lists"),
  cliPath: key(
    words(),
    "program that speaks `imsg` on stdio: the binary, or a wrapper script that uses SSH",
    {
      default: ACCOUNT_DEFAULTS.cliPath,
    },
  ),
  dbPath: key(words(), "Messages database, passed to `imsg` as `--db`", { defaultText: "imsg's own" }),
  remoteHost: notYet("`host` or `user@host` that attachments are fetched from"),
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
  groupPolicy: notYet("which groups are answered"),
  groupAllowFrom: notYet("who is admitted in groups"),
  groups: notYet("groups by chat, with their own settings"),
  historyLimit: notYet("unanswered group messages shown to the agent as context"),
  dmHistoryLimit: notYet("turns of a direct chat kept as context"),
  dms: notYet("settings of single direct chats, by handle"),
  includeAttachments: notYet("attachments are handed to the agent"),
  attachmentRoots: notYet("folders attachments may come from"),
  remoteAttachmentRoots: notYet("folders on the remote Mac attachments may come from"),
  mediaMaxMb: notYet("largest attachment, in megabytes, both directions"),
  textChunkLimit: key(wholeNumber(1), "longest message, in UTF-16 units; longer replies are split", {
    default: ACCOUNT_DEFAULTS.textChunkLimit,
  }),
  chunkMode: key(
    z.enum(["length", "newline"]),
    "`length` splits only past the limit, `newline` sends a message per paragraph",
    { default: ACCOUNT_DEFAULTS.chunkMode },
  ),
  configWrites: notYet("`/config set` in chat may change this file"),
  probeTimeoutMs: key(wholeNumber(1), "limit of each probe step, in milliseconds", {
    default: ACCOUNT_DEFAULTS.probeTimeoutMs,
  }),
  responsePrefix: key(z.string(), "put before the first message of a reply", {
    defaultText: "`messages.responsePrefix`",
  }),
  selfHandles: key(entries(), "handles of this Apple ID; declares its note-to-self chats", { default: [] }),
  allowTo: notYet("where messages may be sent"),
  catchup: key(
    z.strictObject({
      maxAgeMinutes: key(wholeNumber(0), "how old a missed message may be to be answered; 0 answers none", {
        default: ACCOUNT_DEFAULTS.catchupMaxAgeMinutes,
      }),
    }),
    "what was missed while the gateway was down",
  ),
  limits: key(limitsSection("`limits.turnsPerMinute`"), "rate limits"),
};

/** One entry of `channels.imessage.accounts`. */
const accountSchema = z.strictObject(ACCOUNT_KEYS);

/** `channels.imessage`. */
export const imessageSchema = z.strictObject({
  ...ACCOUNT_KEYS,
  accounts: key(
    z.record(z.string(), accountSchema),
    "one entry per account, by an id of `a-z`, `0-9`, `_`, `-`; without any there is one account, `default`",
  ),
});

/** `channels.imessage` as written. */
export type ImessageSection = z.infer<typeof imessageSchema>;
/** One account as written. */
export type AccountSection = z.infer<typeof accountSchema>;
