// Watches the config file: a change becomes new Settings or an error, whichever way the file was written or replaced.
import { readlinkSync, watch, type FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import { loadText, readConfigText, type LoadedConfig, type LoadOptions } from "./load.ts";
import { requirePrivate } from "../permissions.ts";
import { findPlaces } from "../places.ts";

/** What a watcher tells. Contract: the callbacks must not throw. */
export interface ConfigListener {
  /** The file changed and is valid; also when it is what it was before it became invalid. */
  readonly onSettings: (config: LoadedConfig) => void;
  /** The file changed and is not valid, not readable, empty or gone; the last good settings stay in force. */
  readonly onProblems: (error: GatewayError) => void;
}

/** How a file is watched; times in ms. */
export interface WatchOptions extends LoadOptions {
  /** `Settings.version` in force; a file that is already another is told at once. Default: what is read first. */
  readonly version?: string | undefined;
  /** Quiet time after which a change is read. Default 100. */
  readonly debounceMs?: number;
  /** How often the file is looked at where the system tells nothing (network folders). Default 2000. */
  readonly pollMs?: number;
  /** How long an empty or missing file may be an editor at work. Default 1000. */
  readonly graceMs?: number;
}

/** Starts watching. Contract: a state of the file is told once; nothing is told after `close()`. */
export function watchConfig(options: WatchOptions, listener: ConfigListener): ConfigWatch {
  return new ConfigWatch(options, listener);
}

/** A running watch on the config file. */
export class ConfigWatch {
  readonly #options: WatchOptions;
  readonly #listener: ConfigListener;
  readonly #file: string;
  readonly #poll: NodeJS.Timeout;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Reads run one after another: an older text must not be told after a newer one. */
  #reading: Promise<void> = Promise.resolve();
  #closed = false;
  /** What was read last; `undefined` before the first read. */
  #seen: { readonly text: string | undefined } | undefined;
  #stamp = "";
  #blankSinceMs: number | undefined;

  constructor(options: WatchOptions, listener: ConfigListener) {
    this.#options = options;
    this.#listener = listener;
    this.#file = findPlaces(options.configPath, options.environment).configFile;
    this.#arm();
    this.#poll = setInterval(() => void this.#look(), options.pollMs ?? 2000).unref();
    this.#schedule(0);
  }

  /** Reads the file now, without waiting for quiet. Contract: settles once what it says was told; never rejects. */
  async read(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#reading = this.#reading.then(async () => this.#read());
    return this.#reading;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  /** Watches the folder of the file and of every symbolic link on the way to it: a rename there replaces the file. */
  #arm(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    for (const [folder, names] of watchedNames(this.#file)) {
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          if (name === null || names.has(name)) this.#schedule(this.#options.debounceMs ?? 100);
        });
        watcher.on("error", () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // The folder is not there (yet): the poll sees it come, and arms again.
      }
    }
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.read(), delayMs).unref();
  }

  /** One look without reading: has the file another stamp than when it was read? */
  async #look(): Promise<void> {
    const isPending = this.#timer !== undefined;
    if (!isPending && (await stampOf(this.#file)) !== this.#stamp)
      this.#schedule(this.#options.debounceMs ?? 100);
  }

  async #read(): Promise<void> {
    const stamp = await stampOf(this.#file);
    const text = await this.#readText().catch((error: unknown) => toGatewayError(error));
    if (this.#closed) return;
    if (stamp !== this.#stamp) this.#arm();
    // What could not be read is looked at again: there may have been no file descriptor for it.
    this.#stamp = text instanceof GatewayError ? "not read" : stamp;
    if (text instanceof GatewayError) this.#tellOnce(text.message, () => this.#listener.onProblems(text));
    else if (this.#mayBeAnEditor(text)) this.#schedule(this.#options.graceMs ?? 1000);
    else await this.#compile(text);
  }

  async #readText(): Promise<string | undefined> {
    const places = findPlaces(this.#options.configPath, this.#options.environment);
    requirePrivate(places);
    const text = await readConfigText(this.#file);
    // It may have been opened to others, and written by them, since the first look.
    requirePrivate(places);
    return text;
  }

  /** True while the file is empty or gone for less than the grace, and held something before. */
  #mayBeAnEditor(text: string | undefined): boolean {
    if (!isBlank(text) || isBlank(this.#seen?.text)) {
      this.#blankSinceMs = undefined;
      return false;
    }
    this.#blankSinceMs ??= performance.now();
    return performance.now() - this.#blankSinceMs < (this.#options.graceMs ?? 1000);
  }

  async #compile(text: string | undefined): Promise<void> {
    const before = this.#seen;
    if (before !== undefined && isBlank(text) && !isBlank(before.text))
      this.#tellOnce(text, () => this.#listener.onProblems(goneError(this.#file, text === undefined)));
    else if (before === undefined || before.text !== text)
      await this.#tellCompiled(text, before === undefined);
  }

  async #tellCompiled(text: string | undefined, isFirst: boolean): Promise<void> {
    const loaded = await loadText(text, this.#options).catch((error: unknown) => toGatewayError(error));
    if (this.#closed) return;
    this.#tellOnce(text, () => {
      if (loaded instanceof GatewayError) this.#listener.onProblems(loaded);
      else if (!isFirst || this.#isNews(loaded)) this.#listener.onSettings(loaded);
    });
  }

  #isNews(loaded: LoadedConfig): boolean {
    return this.#options.version !== undefined && loaded.settings.version !== this.#options.version;
  }

  #tellOnce(text: string | undefined, tell: () => void): void {
    if (this.#seen !== undefined && this.#seen.text === text) return;
    this.#seen = { text };
    tell();
  }
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === "";
}

function goneError(file: string, isMissing: boolean): GatewayError {
  return new GatewayError("config/unreadable", `${file} is ${isMissing ? "gone" : "empty"}`, {
    hint: "Put it back; the last good configuration stays in force until then.",
    details: { file },
  });
}

/** Changes whenever the file is written or replaced. */
async function stampOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, dev } = await stat(file);
    return `${dev}:${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

/** Folder → names in it whose change may change the file: the file itself and each symbolic link that leads to it. */
function watchedNames(file: string): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  const add = (path: string): void => {
    const folder = dirname(path);
    names.set(folder, (names.get(folder) ?? new Set()).add(basename(path)));
  };
  let path = file;
  for (let links = 0; links < 40; links++) {
    const link = firstLink(path);
    if (link === undefined) break;
    add(link.at);
    path = resolve(dirname(link.at), link.target) + path.slice(link.at.length);
  }
  add(path);
  return names;
}

/** The first component of an absolute path that is a symbolic link. */
function firstLink(path: string): { readonly at: string; readonly target: string } | undefined {
  let at: string = sep;
  for (const part of path.split(sep).filter((part) => part !== "")) {
    at = join(at, part);
    try {
      return { at, target: readlinkSync(at) };
    } catch {
      // No link, or not there: the next component tells.
    }
  }
  return undefined;
}
