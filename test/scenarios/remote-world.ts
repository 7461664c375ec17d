// A world whose Mac is elsewhere: an SSH server of its own, a stand-in for imsg behind it.
import { join } from "node:path";
import { expect } from "vitest";
import type { Mac } from "./mac.ts";
import { SshServer } from "./ssh-server.ts";
import { until, World } from "./world.ts";

/** The kinds of `cliPath` that lead to another machine. */
export const KINDS = ["ssh://", "wrapper"] as const;

/** A world whose account is on another machine. */
export interface Remote extends AsyncDisposable {
  readonly world: World;
  readonly mac: Mac;
  readonly server: SshServer;
  /** The account's keys; a test adds its own. */
  readonly imessage: Readonly<Record<string, unknown>>;
}

/** Makes one, of an empty database and a server of its own. */
export async function createRemote(kind: (typeof KINDS)[number]): Promise<Remote> {
  const world = await World.create();
  const mac = await world.addMac("there");
  const home = join(world.dir, "there");
  const server = await SshServer.start(join(world.dir, "sshd"), { home, bin: join(world.dir, "bin") });
  await server.installThere("imsg", mac.cli);
  const program =
    kind === "ssh://"
      ? server.url(`${home}/bin/imsg`)
      : await server.writeWrapper(join(world.dir, "wrapper"));
  // `~` is the home there; here it is another folder, without a database.
  const imessage = { cliPath: program, dbPath: "~/mac/chat.db", probeTimeoutMs: 5000 };
  await world.configure({ imessage });
  const dispose = async (): Promise<void> => {
    await server.stop();
    await world[Symbol.asyncDispose]();
  };
  return { world, mac, server, imessage, [Symbol.asyncDispose]: dispose };
}

/** Waits until each of these texts stands in exactly one answer to the sender, and in no second one after one more message. */
export async function expectEachOnce(
  { world, mac }: Remote,
  from: string,
  texts: readonly string[],
): Promise<void> {
  const countOf = (text: string): number =>
    mac.sentTo(from).filter((said) => said.split(/[\s:]+/).includes(text)).length;
  await until(
    () => texts.every((text) => countOf(text) > 0),
    () => `${texts.filter((text) => countOf(text) === 0).join(", ")} not answered\n${world.lastLog()}`,
    100_000,
  );
  await mac.write(from, "last-word");
  await until(
    () => countOf("last-word") > 0,
    () => world.lastLog(),
    100_000,
  );
  expect(texts.filter((text) => countOf(text) !== 1)).toEqual([]);
}
