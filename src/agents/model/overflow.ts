// Whether a server says that what it was given is longer than the model's context, in the words of any of them.

/** What is counted, and that it is more than fits. */
const THING =
  "(?:context|prompt|tokens?|sequence|conversation|input (?:length|tokens?)|max_seq_len|max_model_len|n_ctx|kv[ _]?cache)";
const EXCESS =
  "(?:exceed(?:s|ed|ing)?|too (?:long|large|many|big)|(?:long|larg|great|bigg)er than|overflow(?:s|ed|ing)?|over (?:the|its) limit|(?:runs?|ran) out|too small|limit (?:was )?reached|(?:does not|doesn't|did not|didn't) fit|surpass(?:es|ed)?|less than \\d|at most \\d|not enough)";

const CERTAIN: readonly RegExp[] = [
  /context[_ -](?:length|window|size|limit|overflow|shift)/iu,
  /(?:maximum|max)[_ ](?:context|prompt|input|sequence|model)[_ ](?:length|size|len|tokens)/iu,
  /maximum (?:number of )?(?:input |prompt )?tokens/iu,
  /reduce (?:the (?:length|size|number)|your (?:message|prompt|input))|shorten (?:the|your)|shorter (?:input|prompt)|fewer inputs/iu,
  /\binputs?\b.{0,30}(?:too (?:long|large)|longer than|larger than|exceed|must have less than)|too long input/iu,
  /`inputs` tokens|range of input length|current length is \d+ while limit is \d+/iu,
  /max_(?:completion_)?tokens['"`]? must be at least 1/iu,
  /tokens_limit_reached|max_prompt_tokens|exceed_context|array too long|string too long/iu,
  /超(?:出|过|過).{0,30}(?:长度|長度|上下文|token|限制)|(?:上下文|输入|輸入).{0,20}(?:过长|過長|太长|超)/iu,
];
const LIKELY: readonly RegExp[] = [
  new RegExp(`\\b${THING}\\b.{0,80}?\\b${EXCESS}`, "iu"),
  new RegExp(`\\b${EXCESS}.{0,60}?\\b${THING}\\b`, "iu"),
];
/** A limit of another kind, which time heals or money. */
const RATE =
  /\b(?:per|\/) ?(?:second|minute|min|hour|day)\b|rate[_ -]?limit|\b(?:TPM|RPM|TPD|RPD)\b|quota|too many requests|credit|balance|afford/iu;
/** Limits of the answer, of a picture, of a login. */
const OTHER =
  /completion tokens|output tokens|\b(?:image|picture|file|header|url|auth\w*|login|bearer|api key)s?\b/iu;
/** What would not fit into a minute's worth never gets through. */
const NEVER = /request (?:body )?too large|reduce your (?:message|prompt) size/iu;

/** True where less of it may get an answer. Such words come with any status; 413 means nothing else. */
export function isTooLong(status: number, words: string): boolean {
  if (status === 413 || NEVER.test(words)) return true;
  if (status === 401 || status === 402 || RATE.test(words)) return false;
  if (CERTAIN.some((phrase) => phrase.test(words))) return true;
  return !OTHER.test(words) && LIKELY.some((phrase) => phrase.test(words));
}
