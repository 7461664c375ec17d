// Several changes of the config file as one: tried on the text first, then made for the very text that was looked at.
import { createHash } from "node:crypto";
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import type { ConfigWarning } from "../../model/settings.ts";
import { contentOf } from "../read/content.ts";
import { readConfigText } from "../read/load.ts";
import type { ConfigProblem } from "../read/problem.ts";
import { renderPath } from "../read/path.ts";
import { refuseFromChat } from "./chat-rights.ts";
import { check, differences, inTurn, standing, type ChangeOptions } from "./change.ts";
import { setInText, unsetInText } from "./edit-text.ts";
import { haveSameOwners, keepOwners } from "./kept-owners.ts";
import { readPath, readValue, requireKnownPath } from "./typed.ts";
import { backupOf, writeConfigText } from "./write.ts";

/** One change; without a value the key is removed. */
export interface Edit {
  readonly path: string;
  /** As typed on the command line: JSON5, or a bare text. */
  readonly value?: string | undefined;
}

/** What is to be changed in which text. */
export type Edits = { readonly version: string } & (
  | { readonly edits: readonly Edit[] }
  /** The file as it was before the last change. */
  | { readonly undo: true }
);

/** What it would come to. */
export interface Planned {
  /** As it is; undefined: there is no file. */
  readonly before: string | undefined;
  readonly after: string;
  /** Not empty: it cannot be made. */
  readonly problems: readonly Pick<ConfigProblem, "message" | "hint">[];
  readonly warnings: readonly ConfigWarning[];
}

/** What was made. */
export interface Made {
  readonly version: string;
  /** What is other than before, each at the shortest path that holds the difference. */
  readonly paths: readonly string[];
}

/** Names a text of the config file. */
export function versionOfText(text: string | undefined): string {
  return text === undefined ? "none" : createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/**
 * Tries changes and writes nothing. Throws `config/changed-since`, `cli/usage`, `config/protected`, `config/no-undo`; what makes the
 * result invalid is among the problems.
 */
export async function planEdits(edits: Edits, options: ChangeOptions): Promise<Planned> {
  return inTurn(options, async (file) => {
    const { before, after } = await edited(file, edits, options);
    try {
      const warnings = await check(after, { ...options, changed: after !== before, before });
      return { before, after, problems: [], warnings };
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.code !== "config/invalid" && error.code !== "config/unsupported") throw thrown;
      return { before, after, problems: problemsOf(error), warnings: [] };
    }
  });
}

/** Makes them. Throws as `planEdits`, and `config/invalid` when the result is not valid; the file is then as it was. */
export async function applyEdits(edits: Edits, options: ChangeOptions): Promise<Made> {
  return inTurn(options, async (file) => {
    const { before, after } = await edited(file, edits, options);
    await check(after, { ...options, changed: after !== before, before });
    if (after !== before) await writeConfigText(file, after, before);
    const written = (text: string | undefined): unknown => contentOf(file, text ?? "", options).written;
    const paths = differences(written(before), written(after), []).map(renderPath);
    return { version: versionOfText(after), paths };
  });
}

async function edited(
  file: string,
  edits: Edits,
  options: ChangeOptions,
): Promise<{ readonly before: string | undefined; readonly after: string }> {
  const before = await readConfigText(file);
  if (versionOfText(before) !== edits.version)
    throw new GatewayError("config/changed-since", "The config file has changed since you looked at it.", {
      hint: "Look at it again, then make your changes anew.",
    });
  const wanted =
    "undo" in edits ? await undone(file, before, options) : each(file, before, edits.edits, options);
  const { text } = await keepOwners(before, wanted, options);
  return { before, after: text };
}

async function undone(file: string, before: string | undefined, options: ChangeOptions): Promise<string> {
  const previous = await readConfigText(backupOf(file));
  if (previous === undefined || previous === before)
    throw new GatewayError("config/no-undo", "There is no earlier configuration to go back to", {
      hint: "Set the value itself.",
    });
  refuseFromChat({
    path: undefined,
    before: standing(file, before, options),
    after: contentOf(file, previous, options),
    areOwnersSame: await haveSameOwners(before, previous, options),
    from: "on the page",
  });
  return previous;
}

function each(
  file: string,
  before: string | undefined,
  edits: readonly Edit[],
  options: ChangeOptions,
): string {
  let text = before ?? "";
  let content = standing(file, before, options);
  for (const { path: pathText, value: valueText } of edits) {
    const path = readPath(pathText);
    requireKnownPath(path, content.written);
    const next =
      valueText === undefined
        ? unsetInText(text, path)
        : setInText(text, path, readValue(path, valueText, content.written));
    if (!next.ok)
      throw new GatewayError("cli/usage", next.reason, { hint: "Reload the page to see what is there." });
    const after = contentOf(file, next.text, options);
    refuseFromChat({ path, before: content, after, from: "on the page" });
    text = next.text;
    content = after;
  }
  return text;
}

function problemsOf({ message, hint, details }: GatewayError): Planned["problems"] {
  const { problems } = details as { readonly problems?: readonly ConfigProblem[] };
  return problems?.length
    ? problems.map((one) => ({ message: one.message, hint: one.hint }))
    : [{ message, hint }];
}
