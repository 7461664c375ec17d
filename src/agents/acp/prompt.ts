// A turn as the content blocks of a prompt: text, pictures where the agent takes them, every file as a link.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { TakenFile } from "../../model/media.ts";
import type { AgentRequest } from "../../model/turn.ts";
import { renderText } from "../turn-input.ts";

/** Kinds of pictures that models read. */
const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const LARGEST_PICTURE = 5 * 1024 * 1024;
/** Of one prompt together: what is past it goes as a link only. */
const LARGEST_PICTURES = 20 * 1024 * 1024;

type PresentFile = Extract<TakenFile, { kind: "file" }>;

/** How a prompt is put. */
export interface PromptStyle {
  /** The agent takes pictures. */
  readonly images: boolean;
  /** Put before the prompt; may be empty. */
  readonly transcript: string;
}

/** Composes the blocks. Contract: a picture that cannot be read goes as a link only. */
export async function composeBlocks(request: AgentRequest, style: PromptStyle): Promise<ContentBlock[]> {
  const files = filesOf(request);
  const text = renderText(request);
  return [
    ...(style.transcript === "" ? [] : [textBlock(style.transcript)]),
    ...(text === "" ? [] : [textBlock(text)]),
    ...(style.images ? await pictureBlocks(files) : []),
    ...files.map(linkBlock),
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

async function pictureBlocks(files: readonly PresentFile[]): Promise<ContentBlock[]> {
  let left = LARGEST_PICTURES;
  const chosen = files.filter(({ mimeType, bytes }) => {
    if (!PICTURES.has(mimeType) || bytes > LARGEST_PICTURE || bytes > left) return false;
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
