// What to write instead of a value of the wrong type: one imperative sentence, made from what is there.

const YES = /^(?:true|yes|on|1)$/i;
const NO = /^(?:false|no|off|0)$/i;

/** The value as the wanted type; undefined when what is there gives no idea. `wanted` is the schema's word for the type. */
export function remedyForType(wanted: string, written: unknown): string | undefined {
  const text = typeof written === "string" || typeof written === "number" ? String(written).trim() : "";
  if (wanted === "object" || wanted === "record") return "Write its keys in braces: `{ key: value }`.";
  if (text === "") return undefined;
  if (wanted === "array") return `Write a list: \`${renderList([text])}\`.`;
  if (wanted === "tuple") return `Write a list: \`${renderList(text.split(/\s+/))}\`.`;
  if (wanted === "string") return `Write it in quotes: \`${JSON.stringify(text)}\`.`;
  if (wanted === "boolean" && YES.test(text)) return "Write `true`, without quotes.";
  if (wanted === "boolean" && NO.test(text)) return "Write `false`, without quotes.";
  if ((wanted === "number" || wanted === "int") && typeof written === "string" && !Number.isNaN(Number(text)))
    return `Write it without quotes: \`${text}\`.`;
  return undefined;
}

function renderList(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
}
