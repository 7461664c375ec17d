// A turn as the content blocks of a prompt: text, pictures where the agent takes them, links to files that are text.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { TakenFile } from "../../model/media.ts";
import type { AgentRequest } from "../../model/turn.ts";
import { renderText } from "../turn-input.ts";

/** Kinds of pictures that models read. */
const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const LARGEST_PICTURE = 5 * 1024 * 1024;
/** Of one prompt together; those past it are named only. */
const LARGEST_PICTURES = 20 * 1024 * 1024;
/** Agents read a link's file into the prompt. */
const LARGEST_LINKED = 256 * 1024;
const TEXT = /^text\/|^application\/(?:json|xml|yaml|toml|javascript|x-sh|sql)$|\+(?:json|xml)$/iu;
const PICTURE = /^image\//iu;

type PresentFile = Extract<TakenFile, { kind: "file" }>;

/** How a prompt is put. */
export interface PromptStyle {
  /** The agent takes pictures. */
  readonly images: boolean;
  /** Put before the prompt; may be empty. */
  readonly transcript: string;
  /** MIME types that the agent is known to fail at. */
  readonly refused: ReadonlySet<string>;
}

/** MIME types of the files that go along with a turn's text. */
export function attachedTypes(
  request: AgentRequest,
  style: Omit<PromptStyle, "transcript">,
): readonly string[] {
  return filesOf(request)
    .filter((file) => isPicture(file, style) || isLinked(file, style))
    .map(({ mimeType }) => mimeType);
}

/**
 * Composes the blocks. The text names every file by its path. Beside that, pictures go along where the agent takes them, and texts as links:
 * many agents hand whatever is linked on to their model, which may refuse it, then and in every later turn of the session.
 *
 * Contract: a picture that cannot be read is named only.
 */
export async function composeBlocks(request: AgentRequest, style: PromptStyle): Promise<ContentBlock[]> {
  const files = filesOf(request);
  const text = renderText(request);
  return [
    ...(style.transcript === "" ? [] : [textBlock(style.transcript)]),
    ...(text === "" ? [] : [textBlock(text)]),
    ...(await pictureBlocks(files.filter((file) => isPicture(file, style)))),
    ...files.filter((file) => isLinked(file, style)).map(linkBlock),
  ];
}

function textBlock(text: string): ContentBlock {
  return { type: "text", text };
}

/** First those of the context, as in the prompt. */
function filesOf({ turn, files }: AgentRequest): readonly PresentFile[] {
  return [...turn.context, ...turn.messages]
    .flatMap(({ entryId }) => files.get(entryId) ?? [])
    .filter((file) => file.kind === "file");
}

function isPicture(
  { mimeType, bytes }: PresentFile,
  { images, refused }: Omit<PromptStyle, "transcript">,
): boolean {
  return images && PICTURES.has(mimeType) && bytes <= LARGEST_PICTURE && !refused.has(mimeType);
}

function isLinked({ mimeType, bytes }: PresentFile, { refused }: Pick<PromptStyle, "refused">): boolean {
  return TEXT.test(mimeType) && !PICTURE.test(mimeType) && bytes <= LARGEST_LINKED && !refused.has(mimeType);
}

async function pictureBlocks(files: readonly PresentFile[]): Promise<ContentBlock[]> {
  let left = LARGEST_PICTURES;
  const chosen = files.filter(({ bytes }) => {
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
  const blocks = await Promise.all(
    chosen.map(async ({ path, mimeType }): Promise<ContentBlock[]> => {
      const content = await readFile(path).catch(() => undefined);
      if (content === undefined || content.length > LARGEST_PICTURE) return [];
      return [{ type: "image", data: content.toString("base64"), mimeType }];
    }),
  );
  return blocks.flat();
}

function linkBlock({ path, name, mimeType, bytes }: PresentFile): ContentBlock {
  return { type: "resource_link", uri: pathToFileURL(path).href, name, mimeType, size: bytes };
}
