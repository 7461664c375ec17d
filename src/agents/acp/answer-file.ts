// A picture, a sound or another file in an agent's answer: read from the protocol, kept, and named in the answer as a file to send.
import { fileURLToPath } from "node:url";
import { plainLine } from "../../model/plain-line.ts";
import { fieldsOf, textOf } from "./loose.ts";

/** A file as an agent gives it. */
export type AnswerFile =
  | { readonly kind: "content"; readonly name: string; readonly content: Uint8Array }
  /** A path of this machine, or an `https:` address of a file. */
  | { readonly kind: "place"; readonly name: string; readonly place: string }
  /** Something that cannot be sent. */
  | { readonly kind: "link"; readonly name: string; readonly address: string }
  | { readonly kind: "name"; readonly name: string };

/** Keeps a file where files may be sent from; the answer is its path. */
export type KeepFile = (content: Uint8Array, name: string) => Promise<string>;

/** What lies behind an address is a file rather than a page. */
const FILE_TYPE = /^(?:image|audio|video|font)\/|^application\/(?!x?html|json|xml)/iu;
const LONGEST_NAME = 200;
const LONGEST_ADDRESS = 2000;

/** Reads a content block that is no text; undefined: of a kind that is not known. */
export function readAnswerFile(content: unknown): AnswerFile | undefined {
  const block = fieldsOf(content);
  switch (block["type"]) {
    case "image":
      return readContent(block, "a picture");
    case "audio":
      return readContent(block, "a sound");
    case "resource":
      return readResource(fieldsOf(block["resource"]));
    case "resource_link":
      return readLink(block);
    default:
      return undefined;
  }
}

/** The words of an answer that stand for a file: a line of its own that names it, or says what it was. Contract: never rejects. */
export async function composeAnswerFile(file: AnswerFile, keep: KeepFile): Promise<string> {
  return `\n\n${await composeLine(file, keep)}\n\n`;
}

async function composeLine(file: AnswerFile, keep: KeepFile): Promise<string> {
  switch (file.kind) {
    case "place":
      return fileLine(file.place) ?? nameLine(file.name);
    case "link":
      return `${nameOf(file.name)} (${plainLine(file.address, LONGEST_ADDRESS)})`;
    case "name":
      return nameLine(file.name);
    case "content":
      try {
        return fileLine(await keep(file.content, file.name), file.name) ?? nameLine(file.name);
      } catch {
        return nameLine(file.name);
      }
  }
}

/** Undefined for a path that no line can name. */
function fileLine(place: string, name = ""): string | undefined {
  if (/[\p{Cc}\u2028\u2029<>]|\]\(/u.test(place)) return undefined;
  const title = nameOf(name).replaceAll('"', "'");
  return `![](<${place}>${title === "" ? "" : ` "${title}"`})`;
}

function nameLine(name: string): string {
  return `(a file that I cannot send: ${nameOf(name)})`;
}

/** On one line, and nothing that Markdown takes for more. */
function nameOf(name: string): string {
  return plainLine(name, LONGEST_NAME).replace(/[[\]<>`*_\\]/gu, "");
}

function readContent(block: Readonly<Record<string, unknown>>, what: string): AnswerFile {
  const { data, uri, mimeType } = block;
  const name =
    lastOf(textOf(uri)) ?? `${what}${textOf(mimeType) === undefined ? "" : ` (${String(mimeType)})`}`;
  const content = typeof data === "string" ? Buffer.from(data, "base64") : Buffer.alloc(0);
  if (content.length > 0) return { kind: "content", name, content };
  return textOf(uri) === undefined ? { kind: "name", name } : readLink({ ...block, name });
}

function readResource({ uri, text, blob }: Readonly<Record<string, unknown>>): AnswerFile {
  const name = lastOf(textOf(uri)) ?? "a file";
  const content = typeof blob === "string" ? Buffer.from(blob, "base64") : Buffer.from(textOf(text) ?? "");
  return content.length > 0 ? { kind: "content", name, content } : { kind: "name", name };
}

function readLink({ uri, name, title, mimeType }: Readonly<Record<string, unknown>>): AnswerFile {
  const address = textOf(uri) ?? "";
  const called = textOf(title) ?? textOf(name) ?? lastOf(address) ?? "a file";
  const url = URL.parse(address);
  if (address.startsWith("/")) return { kind: "place", name: called, place: address };
  if (url?.protocol === "file:") {
    const place = pathOf(url);
    return place === undefined ? { kind: "name", name: called } : { kind: "place", name: called, place };
  }
  const isFile = url?.protocol === "https:" && FILE_TYPE.test(textOf(mimeType) ?? "");
  if (isFile) return { kind: "place", name: called, place: url.href };
  return address === "" ? { kind: "name", name: called } : { kind: "link", name: called, address };
}

function pathOf(url: URL): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** The name at the end of an address. */
function lastOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const path = URL.parse(address)?.pathname ?? address;
  const last = path.split("/").findLast((one) => one !== "");
  if (last === undefined) return undefined;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
