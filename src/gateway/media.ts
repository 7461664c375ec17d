// The one media folder of a gateway, and what works on it; loaded with the first file.
import type { FilesOut } from "../flow/frame.ts";
import { loadOnce } from "../lib/load-once.ts";
import type { Proxies } from "../lib/proxy.ts";
import type { MediaFolder } from "../media/folder.ts";
import type { OutgoingFiles } from "../media/outgoing.ts";
import type { ConversationId } from "../model/ids.ts";
import type { Media, OutboundFile } from "../model/media.ts";

/** Files out. */
export class GatewayMedia implements FilesOut {
  readonly folderPath: string;
  readonly #proxies: Proxies;
  /** Only one object may work on the folder: it bounds what is in it. */
  readonly folder = loadOnce(async () => this.#openFolder());
  readonly #outgoing = loadOnce(async () => this.#openOutgoing());

  /** An absolute path; the folder is made with the first file. */
  constructor(folderPath: string, proxies: Proxies) {
    this.folderPath = folderPath;
    this.#proxies = proxies;
  }

  async outgoing(source: string, by: Parameters<Media["outgoing"]>[1]): Promise<OutboundFile> {
    const outgoing = await this.#outgoing();
    return outgoing.take(source, by);
  }

  /** Keeps content as a file, where the agent of a conversation may send it from if it is one's; the answer is its path. */
  async keep(content: Uint8Array, name: string, conversationId?: ConversationId): Promise<string> {
    const { keepContent } = await import("../media/content.ts");
    return keepContent(content, name, { folder: await this.folder(), conversationId });
  }

  async #openFolder(): Promise<MediaFolder> {
    const { MediaFolder } = await import("../media/folder.ts");
    return new MediaFolder(this.folderPath);
  }

  async #openOutgoing(): Promise<OutgoingFiles> {
    const [{ OutgoingFiles }, { LIMIT_MS, WebFiles, WORLD_WIDE_WEB }, folder] = await Promise.all([
      import("../media/outgoing.ts"),
      import("../media/outgoing-web.ts"),
      this.folder(),
    ]);
    return new OutgoingFiles(folder, new WebFiles(WORLD_WIDE_WEB, LIMIT_MS, this.#proxies));
  }
}
