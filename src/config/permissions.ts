// Who else can get at the state folder and the config: what others could change is refused, what they could only read is warned of.
import { realpathSync, statSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { shellWord } from "../lib/shell-word.ts";
import { GatewayError } from "../model/errors.ts";
import type { Places } from "./places.ts";

/** What is wrong with a place. */
export interface PlaceFault {
  readonly path: string;
  /** Others can change what is in it; else they can only read it. */
  readonly isRefused: boolean;
  readonly message: string;
  /** The command that puts it right. */
  readonly command: string;
}

/** The user a process runs as. */
export interface User {
  /** Effective. */
  readonly uid: number;
}

const WRITABLE_BY_OTHERS = 0o022;
const READABLE_FILE = 0o044;
/** Its names can be read, or what is in it can be reached by name. */
const OPEN_FOLDER = 0o055;
/** In such a folder nobody can replace what is another's. */
const STICKY = 0o1000;

/** Looks at the state folder and the config file, as far as they are there. Empty on a system without users. */
export function findPlaceFaults(
  { stateDir, configFile }: Pick<Places, "stateDir" | "configFile">,
  user: User | undefined = currentUser(),
): readonly PlaceFault[] {
  if (user === undefined) return [];
  const folders = new Set([realFolder(stateDir), realFolder(configFile)]);
  folders.delete(realPath(stateDir));
  return [
    ...faultsOf(stateDir, { what: "state folder", mode: "700" }, user),
    ...faultsOf(configFile, { what: "config file", mode: "600" }, user),
    ...[...folders].flatMap(replaceableIn),
  ];
}

/** Throws `state/unsafe` when others can change what is in one of the places: they could have the gateway do anything. */
export function requirePrivate(places: Pick<Places, "stateDir" | "configFile">): void {
  const refused = findPlaceFaults(places).filter(({ isRefused }) => isRefused);
  const [first] = refused;
  if (first === undefined) return;
  throw new GatewayError("state/unsafe", refused.map(({ message }) => message).join(" "), {
    hint: `Look at what is in there, then run \`${refused.map(({ command }) => command).join(" && ")}\`.`,
    details: { paths: refused.map(({ path }) => path) },
  });
}

function currentUser(): User | undefined {
  const uid = process.geteuid?.();
  return uid === undefined ? undefined : { uid };
}

function faultsOf(
  path: string,
  { what, mode }: { readonly what: string; readonly mode: string },
  { uid }: User,
): readonly PlaceFault[] {
  const found = statOf(path);
  // A device such as /dev/null is nobody's to change.
  if (found === undefined || !(found.isFile() || found.isDirectory())) return [];
  const name = `The ${what} ${path}`;
  const faults: PlaceFault[] = [];
  // Root can change everything anyway.
  if (found.uid !== uid && found.uid !== 0)
    faults.push({
      path,
      isRefused: true,
      message: `${name} belongs to another user (${found.uid}; this is ${uid}).`,
      command: `${uid === 0 ? "" : "sudo "}chown ${found.isDirectory() ? "-R " : ""}${uid} ${shellWord(path)}`,
    });
  const readable = found.isDirectory() ? OPEN_FOLDER : READABLE_FILE;
  const command = `chmod ${mode} ${shellWord(path)}`;
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0)
    faults.push({
      path,
      isRefused: true,
      message: `${name} can be changed by others (${modeOf(found)}).`,
      command,
    });
  else if ((found.mode & readable) !== 0)
    faults.push({
      path,
      isRefused: false,
      message: `${name} can be read by others (${modeOf(found)}).`,
      command,
    });
  return faults;
}

/** A folder in which others could put something else in the place of what is ours. */
function replaceableIn(folder: string): readonly PlaceFault[] {
  const found = statOf(folder);
  if (found === undefined || (found.mode & WRITABLE_BY_OTHERS) === 0 || (found.mode & STICKY) !== 0)
    return [];
  return [
    {
      path: folder,
      isRefused: false,
      message: `The folder ${folder} can be changed by others (${modeOf(found)}), who could replace what is in it.`,
      command: `chmod go-w ${shellWord(folder)}`,
    },
  ];
}

function modeOf({ mode }: Stats): string {
  return `mode ${(mode & 0o777).toString(8).padStart(3, "0")}`;
}

function realFolder(path: string): string {
  return dirname(realPath(path));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    // What is not there, or cannot be looked at, is told by whoever opens it.
    return undefined;
  }
}
