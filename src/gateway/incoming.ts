// Files that come with messages, for all accounts of a gateway; loaded with the first file.
import { loadOnce } from "../lib/load-once.ts";
import type { Log } from "../lib/log.ts";
import type { Incoming } from "../media/incoming.ts";
import type { MediaFolder } from "../media/folder.ts";
import type { AccountId } from "../model/ids.ts";
import type { IncomingFiles, TakenFile } from "../model/media.ts";
import type { Mac } from "../model/ports.ts";

/** Where programs lie that a service's short PATH leaves out: converters are looked for there, too. */
const USUAL_FOLDERS = ["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin"];

/** What files are taken with. */
export interface IncomingParts {
  readonly folder: () => Promise<MediaFolder>;
  readonly mac: (accountId: AccountId) => Mac;
  /** Of the process. */
  readonly searchPath: readonly string[];
  readonly log: Log;
}

/** Takes the files of every account's messages. */
export class GatewayIncoming implements IncomingFiles {
  readonly #parts: IncomingParts;
  readonly #incoming = loadOnce(async () => this.#load());

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  async take(...asked: Parameters<IncomingFiles["take"]>): Promise<readonly TakenFile[]> {
    const incoming = await this.#incoming();
    return incoming.take(...asked);
  }

  release(files: readonly TakenFile[]): void {
    if (files.length === 0) return;
    // Nothing is held where nothing could be loaded.
    void this.#incoming().then(
      (incoming) => incoming.release(files),
      () => {},
    );
  }

  async #load(): Promise<Incoming> {
    const { Incoming, INCOMING_TIMING } = await import("../media/incoming.ts");
    const { mac, searchPath, log } = this.#parts;
    return new Incoming({
      folder: await this.#parts.folder(),
      mac,
      searchPath: [...searchPath, ...USUAL_FOLDERS],
      log,
      timing: INCOMING_TIMING,
      now: Date.now,
    });
  }
}
