// Config paths such as `channels.imessage.dms["a@b.c"].historyLimit`: the grammar, read and written.

/** Keys and list positions from the root down. */
export type ConfigPath = readonly (string | number)[];

const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;
const SEGMENT = /\.?([A-Za-z0-9_$*+][\w$*+-]*)|\[(\d+)\]|\.?\[?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]?/y;

/** The text of a path; `parsePath` of it gives the path again. The empty path is the empty text. */
export function renderPath(path: ConfigPath): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (PLAIN_KEY.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}

/** Reads `a.b[0].c`, a segment in quotes where it holds other characters; undefined when it is no path. */
export function parsePath(text: string): ConfigPath | undefined {
  const path: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(text);
    if (!match) return undefined;
    const [whole, plain, index, quoted] = match;
    if (at === 0 && whole.startsWith(".")) return undefined;
    if (at > 0 && !/^[.[]/.test(whole)) return undefined;
    if (plain !== undefined) path.push(plain);
    else if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) {
      if (whole.includes("[") !== whole.endsWith("]")) return undefined;
      path.push(unquote(quoted));
    }
    at += whole.length;
  }
  return path.length === 0 ? undefined : path;
}

/** True when `path` is `ancestor` or lies under it. */
export function isUnder(path: ConfigPath, ancestor: ConfigPath): boolean {
  return ancestor.every((segment, index) => path[index] === segment);
}

function unquote(quoted: string): string {
  if (quoted.startsWith('"')) {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      // Not JSON's escapes: taken as the shell user meant them, below.
    }
  }
  return quoted.slice(1, -1).replace(/\\(.)/gs, "$1");
}
