// The marks that open models put around what they think aloud, read at one place of a text.

/** A mark, and how many characters it takes. */
export interface Mark {
  /**
   * `open` and `close` stand around a thought. `wrap` and `unwrap` stand around an answer. The rest are of the harmony format, in which a
   * message has a header that names its channel: `header` begins one, `message` ends it, `stop` ends the message.
   */
  readonly kind: "open" | "close" | "wrap" | "unwrap" | "header" | "message" | "stop" | "token";
  /** A thought ends with a mark of the family that it began with. */
  readonly family: string;
  readonly length: number;
}

/** No mark is longer: attributes may stand in a tag. */
export const LONGEST_MARK = 160;

/** What a mark can begin with. */
export const MARK_STARTS = "<[◁";

const NAMES =
  "think|thinking|thinks|thought|thoughts|antthinking|reason|reasoning|reflection|analysis|scratchpad|inner_?monologue|inner_?thoughts?";
const WRAPPERS = "answer|response|output|final|final_answer|solution";
/** Seed and LongCat put a name before it: `<seed:think>`, `<longcat_think>`. */
const TAG = new RegExp(
  `<\\s?(/?)\\s?(?:[a-z]{1,12}[:_-])?(?:(${NAMES})(?:[:_-][a-z]{1,12})?|(${WRAPPERS}))(?:\\s[^<>]{0,100})?\\s?(/?)>`,
  "iuy",
);
/** Some tokenizers have `｜` and `▁` where others have `|` and `_`. */
const BAR = "[|｜]";
const GAP = "[_▁ ]?";
const THOUGHT_TOKEN = new RegExp(
  `<${BAR}(/|begin|start|end)?${GAP}(?:of)?${GAP}(?:think|thinking|thought|thoughts|reasoning)${BAR}>`,
  "iuy",
);
const ANSWER_TOKEN = new RegExp(
  `<${BAR}(/|begin|start|end)?${GAP}(?:of)?${GAP}(?:response|solution|answer)${BAR}>`,
  "iuy",
);

interface Shape {
  readonly shape: RegExp;
  readonly kind: Mark["kind"];
  readonly family: string;
}

const SHAPES: readonly Shape[] = [
  { shape: /\[THINK(?:ING)?\]/uy, kind: "open", family: "[think]" },
  { shape: /\[\/THINK(?:ING)?\]/uy, kind: "close", family: "[think]" },
  { shape: /◁think(?:ing)?▷/iuy, kind: "open", family: "◁think▷" },
  { shape: /◁\/think(?:ing)?▷/iuy, kind: "close", family: "◁think▷" },
  { shape: /<\|inner_prefix\|>/uy, kind: "open", family: "inner" },
  { shape: /<\|inner_suffix\|>/uy, kind: "close", family: "inner" },
  { shape: /<unused94>(?:thought\n)?/uy, kind: "open", family: "unused" },
  { shape: /<unused95>/uy, kind: "close", family: "unused" },
  { shape: /<\|channel>/uy, kind: "open", family: "channel" },
  { shape: /<channel\|>/uy, kind: "close", family: "channel" },
  { shape: /<\|(?:start|channel)\|>/uy, kind: "header", family: "harmony" },
  { shape: /<\|constrain\|>/uy, kind: "token", family: "harmony" },
  { shape: /<\|message\|>/uy, kind: "message", family: "harmony" },
  { shape: /<\|(?:end|return|call)\|>/uy, kind: "stop", family: "harmony" },
];

/** The mark at a place of a text; undefined: there is none. */
export function readMark(text: string, at: number): Mark | undefined {
  return readTag(text, at) ?? readToken(text, at) ?? readShape(text, at);
}

/** True where what begins there may become a mark with the characters that follow. */
export function mayBecomeMark(text: string, at: number): boolean {
  const length = text.length - at;
  if (length >= LONGEST_MARK) return false;
  switch (text[at]) {
    case "<": {
      for (let index = at + 1; index < text.length; index += 1)
        if (text[index] === ">" || text[index] === "<" || text[index] === "\n") return false;
      return true;
    }
    case "[":
      return length <= "[/THINKING]".length && /^\[\/?[A-Z]*$/u.test(text.slice(at));
    case "◁":
      return length <= "◁/thinking▷".length && /^◁\/?[a-z]*$/iu.test(text.slice(at));
    default:
      return false;
  }
}

function readTag(text: string, at: number): Mark | undefined {
  const found = matchAt(TAG, text, at);
  if (!found) return undefined;
  const [whole, slash, thought, , isEmpty] = found;
  const { length } = whole;
  if (thought === undefined) return { kind: slash === "/" ? "unwrap" : "wrap", family: "answer", length };
  const family = /^(?:ant)?th(?:ink|ought)/iu.test(thought) ? "think" : thought.toLowerCase();
  if (isEmpty === "/" && slash === "") return { kind: "token", family, length };
  return { kind: slash === "/" ? "close" : "open", family, length };
}

function readToken(text: string, at: number): Mark | undefined {
  const thought = matchAt(THOUGHT_TOKEN, text, at);
  if (thought)
    return { kind: isEnd(thought[1]) ? "close" : "open", family: "token", length: thought[0].length };
  const answer = matchAt(ANSWER_TOKEN, text, at);
  return answer && { kind: "token", family: "token", length: answer[0].length };
}

function readShape(text: string, at: number): Mark | undefined {
  for (const { shape, kind, family } of SHAPES) {
    const found = matchAt(shape, text, at);
    if (found) return { kind, family, length: found[0].length };
  }
  return undefined;
}

function isEnd(word: string | undefined): boolean {
  return word === "/" || word?.toLowerCase() === "end";
}

function matchAt(shape: RegExp, text: string, at: number): RegExpExecArray | undefined {
  shape.lastIndex = at;
  return shape.exec(text) ?? undefined;
}
