// The Macs of a gateway's accounts: made with an account's `imsg`, asked for by whoever moves files.
import { join } from "node:path";
import { createMac } from "../imsg/mac/remote.ts";
import type { AccountId } from "../model/ids.ts";
import type { Mac } from "../model/ports.ts";
import type { AccountSettings } from "../model/settings.ts";

/** Holds them by account. */
export class Macs {
  readonly #stagingDir: string;
  readonly #byAccount = new Map<AccountId, Mac>();

  /** `stagingDir`: of this machine, for files on their way into Messages; an account has its own folder in it. */
  constructor(stagingDir: string) {
    this.#stagingDir = stagingDir;
  }

  /** The Mac of an account by these settings, in place of an earlier one. Contract: who opens it closes it. */
  open({ id, transport }: AccountSettings): Mac {
    const mac = createMac({ accountId: id, transport, stagingDir: join(this.#stagingDir, id) });
    this.#byAccount.set(id, mac);
    return mac;
  }

  /** Throws for an account that was never opened. */
  of(id: AccountId): Mac {
    const mac = this.#byAccount.get(id);
    if (mac === undefined) throw new Error(`account ${id} has no Mac`);
    return mac;
  }
}
