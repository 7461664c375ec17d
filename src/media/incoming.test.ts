// Files of messages between a Mac that does what a test says and a real media folder.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLog } from "../lib/log.ts";
import { GatewayError } from "../model/errors.ts";
import { asId, type AccountId, type ConversationId } from "../model/ids.ts";
import type { TakenFile, WantedFile } from "../model/media.ts";
import type { InboundAttachment } from "../model/message.ts";
import type { FetchLimits, Mac } from "../model/ports.ts";
import { MediaFolder } from "./folder.ts";
import { Incoming, INCOMING_TIMING, type IncomingTiming } from "./incoming.ts";

const HOME = asId<AccountId>("home");
const WORK = asId<AccountId>("work");
const HEIC = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");

type Fetch = (path: string, to: string, limits: FetchLimits) => Promise<void>;

let dir: string;
let roots: readonly string[];
/** What a Mac was asked for. */
let asked: string[];
let lines: string[];
let fetch: Fetch;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "incoming-")));
  for (const name of ["mac", "tools"]) mkdirSync(join(dir, name));
  [roots, asked, lines] = [[join(dir, "mac")], [], []];
  fetch = async (path, to) => copyFileSync(path, to);
});
afterEach(() => rmSync(dir, { recursive: true }));

function open(over: { isRemote?: boolean; timing?: Partial<IncomingTiming> } = {}): Incoming {
  const mac: Mac = {
    isRemote: over.isRemote ?? false,
    name: "the Mac",
    fetch: async (path, to, limits) => {
      asked.push(path);
      await fetch(path, to, limits);
      return { bytes: 0 };
    },
    stage: () => Promise.reject(new Error("not asked for")),
    tidy: async () => {},
    close: async () => {},
  };
  const terminal = { write: (line: string) => lines.push(line), hasColours: false };
  return new Incoming({
    folder: new MediaFolder(join(dir, "media")),
    mac: () => mac,
    searchPath: [join(dir, "tools")],
    log: openLog({ threshold: "info", secrets: [], terminal, now: () => Date.now() }),
    timing: { ...INCOMING_TIMING, landingMs: 0, lookMs: 20, ...over.timing },
    now: Date.now,
  });
}

/** A file of a message; it is there with this content, if one is given. */
function wanted(
  name: string,
  content?: string | Uint8Array,
  over: Partial<InboundAttachment> = {},
): WantedFile {
  const path = join(dir, "mac", name);
  if (content !== undefined) writeFileSync(path, content);
  const attachment = { name, path, mimeType: "x/y", uti: "", bytes: content?.length ?? 0, isSticker: false };
  return { attachment: { ...attachment, missing: false, ...over }, sentAtMs: Date.now() };
}

interface Asked {
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  readonly accountId?: AccountId;
  readonly conversationId?: ConversationId;
}

async function take(
  incoming: Incoming,
  files: readonly WantedFile[],
  {
    maxBytes = 1000,
    signal = new AbortController().signal,
    accountId = HOME,
    conversationId = 7 as ConversationId,
  }: Asked = {},
): Promise<readonly TakenFile[]> {
  return incoming.take(accountId, files, {
    conversationId,
    settings: { isTaken: true, roots, maxBytes },
    signal,
  });
}

function reasons(files: readonly TakenFile[]): readonly string[] {
  return files.map((file) => (file.kind === "file" ? file.mimeType : file.because));
}

function left(): readonly string[] {
  return readdirSync(join(dir, "media")).filter((name) => name.startsWith(".part"));
}

describe("a file that is there", () => {
  test("is given with its kind, name and size", async () => {
    const [file] = await take(open(), [wanted("a.png", "%PDF-1.7 ...")]);
    expect(file).toEqual({
      kind: "file",
      path: expect.stringMatching(/\/media\/c7\/[0-9a-f]{64}\.pdf$/u),
      name: "a.png",
      mimeType: "application/pdf",
      bytes: 12,
      note: "",
    });
    expect(lines.join("")).toContain("a file of a message was taken: application/pdf, 12 bytes");
  });
  test("in their order, the same content once", async () => {
    const files = await take(open(), [wanted("a", "1"), wanted("b", "2"), wanted("c", "1")]);
    const paths = files.map((file) => (file.kind === "file" ? file.path : ""));
    expect(paths[0]).toBe(paths[2]);
    expect(paths.map((path) => readFileSync(path, "utf8"))).toEqual(["1", "2", "1"]);
  });
  test("and empty", async () => {
    expect(await take(open(), [wanted("a", "")])).toMatchObject([{ bytes: 0, note: "the file is empty" }]);
  });
  test("`~` is the home folder here", async () => {
    expect(reasons(await take(open(), [wanted("a", "1", { path: "~/no/such/file" })]))).toEqual([
      "it lies outside of the folders that files may come from",
    ]);
  });
  test("names are made fit for one line", async () => {
    const files = await take(open(), [
      wanted("1", "1", { name: "a\n> b\u2028\u202Egnp.exe" }),
      wanted("2", "2", { name: "" }),
      wanted("3", "3", { name: "\n" }),
      wanted("4", "4", { name: "x".repeat(500) }),
    ]);
    expect(files.map(({ name }) => name)).toEqual(["a > b gnp.exe", "2", "file", `${"x".repeat(199)}…`]);
  });
  test("of more than a hundred, the last are taken", async () => {
    const files = await take(open(), [
      wanted("old", "x"),
      ...Array.from({ length: 100 }, () => wanted("a", "1")),
    ]);
    expect(files[0]).toMatchObject({ kind: "missing", because: "a turn is given 100 files at most" });
    expect(files.slice(1).every(({ kind }) => kind === "file")).toBe(true);
  });
});

describe("what is not taken", () => {
  test("nothing is asked for what is outside of the roots, there or not, by link or by name", async () => {
    writeFileSync(join(dir, "secret"), "x");
    symlinkSync(join(dir, "secret"), join(dir, "mac/link"));
    symlinkSync(dir, join(dir, "mac/folder"));
    const paths = ["secret", "no", "mac/../secret", "mac/link", "mac/folder/secret", "mac2/a", ""];
    const files = await take(
      open(),
      paths.map((path) => wanted("a", "1", { path: `${dir}/${path}` })),
    );
    expect(new Set(reasons(files))).toEqual(
      new Set(["it lies outside of the folders that files may come from"]),
    );
    expect(asked).toEqual([]);
  });
  test("a link from one place inside to another is followed", async () => {
    writeFileSync(join(dir, "mac/real"), "x");
    symlinkSync(join(dir, "mac/real"), join(dir, "mac/link"));
    expect(reasons(await take(open(), [wanted("link")]))).toEqual(["text/plain"]);
    expect(asked).toEqual([join(dir, "mac/real")]);
  });
  test("of another machine, paths are checked as they are given", async () => {
    roots = ["/Users/*/Attachments"];
    fetch = async (_path, to) => writeFileSync(to, "x");
    const paths = [
      "/Users/bot/Attachments/-o x.png",
      "/Users/bot/Attachments/../../k",
      "~/Attachments/a",
      "a",
    ];
    const files = await take(
      open({ isRemote: true }),
      paths.map((path) => wanted("a", undefined, { path })),
    );
    expect(reasons(files).slice(1)).toEqual(paths.slice(1).map(() => expect.stringContaining("outside")));
    expect(asked).toEqual(["/Users/bot/Attachments/-o x.png"]);
  });
  test("one that Messages names no path of", async () => {
    expect(reasons(await take(open(), [wanted("a", undefined, { path: "", name: "" })]))).toEqual([
      "Messages does not say where it is",
    ]);
  });
  test("too large: by what Messages says, and by what came", async () => {
    const files = [wanted("a", "x", { bytes: 2_000_000 }), wanted("b", Buffer.alloc(1001), { bytes: 5 })];
    expect(reasons(await take(open(), files))).toEqual([
      "it is larger than 0.01 MB (1.91 MB)",
      "it is larger than 0.01 MB (0.01 MB)",
    ]);
    expect(asked).toHaveLength(1);
  });
  test("words of our own errors are told, others are for the log", async () => {
    fetch = async (path) => {
      if (path.endsWith("a"))
        throw new GatewayError("media/unreachable", "the Mac does not answer", { hint: "" });
      throw new Error("ENOSPC /secret/place");
    };
    expect(reasons(await take(open(), [wanted("a", "1"), wanted("b", "2")]))).toEqual([
      "the Mac does not answer",
      "it could not be copied",
    ]);
    expect(lines.join("")).toContain("ENOSPC");
    expect(left()).toEqual([]);
  });
});

describe("a file that is not there yet", () => {
  const timing = { landingMs: 5000, lookMs: 20 };
  test("is looked for again while its message is new", async () => {
    const taking = take(open({ timing }), [wanted("late")]);
    await delay(60);
    writeFileSync(join(dir, "mac/late"), "x");
    expect(reasons(await taking)).toEqual(["text/plain"]);
  });
  test("on another machine, too", async () => {
    let looks = 0;
    fetch = async (_path, to) => {
      looks += 1;
      if (looks < 3) throw new GatewayError("media/missing", "not there", { hint: "" });
      writeFileSync(to, "x");
    };
    expect(reasons(await take(open({ isRemote: true, timing }), [wanted("late")]))).toEqual(["text/plain"]);
  });
  test("is not waited for when its message is old, or the time is over", async () => {
    const old = { ...wanted("late"), sentAtMs: Date.now() - 3_600_000 };
    expect(reasons(await take(open({ timing }), [old]))).toEqual(["Messages has not downloaded it"]);
    expect(reasons(await take(open({ timing: { landingMs: 50 } }), [wanted("late")]))).toEqual([
      "Messages has not downloaded it",
    ]);
  });
});

describe("time", () => {
  const never: Fetch = async () => new Promise(() => {});

  test("a copy that never ends is given up, whether it heeds its signal or not", async () => {
    fetch = never;
    const taking = take(open({ timing: { fileMs: 50 } }), [wanted("a", "1"), wanted("b", "2")]);
    expect(reasons(await taking)).toEqual(["it could not be had in time", "it could not be had in time"]);
  });
  test("what such a copy still writes is removed", async () => {
    const late = Promise.withResolvers<void>();
    let to = "";
    fetch = async (_path, part) => {
      to = part;
      await late.promise;
      writeFileSync(part, "late");
    };
    await take(open({ timing: { fileMs: 50 } }), [wanted("a", "1")]);
    late.resolve();
    await expect.poll(() => to !== "" && !existsSync(to)).toBe(true);
    expect(left()).toEqual([]);
  });
  test("all files of a turn have a time together", async () => {
    fetch = never;
    const files = Array.from({ length: 20 }, (_unused, index) => wanted(`f${index}`, "x"));
    const taken = await take(open({ timing: { turnMs: 50 } }), files);
    expect(new Set(reasons(taken))).toEqual(new Set(["it could not be had in time"]));
    expect(asked.length).toBeLessThanOrEqual(4);
  });
  test("four at once of an account; another account has its own four", async () => {
    const going = Promise.withResolvers<void>();
    let most = 0;
    let running = 0;
    fetch = async (path, to) => {
      running += 1;
      most = Math.max(most, running);
      await going.promise;
      running -= 1;
      copyFileSync(path, to);
    };
    const incoming = open();
    const files = Array.from({ length: 9 }, (_unused, index) => wanted(`f${index}`, `${index}`));
    const here = take(incoming, files);
    await expect.poll(() => running).toBe(4);
    const there = take(incoming, [wanted("other", "x")], { accountId: WORK });
    await expect.poll(() => running).toBe(5);
    going.resolve();
    expect([...(await here), ...(await there)].every(({ kind }) => kind === "file")).toBe(true);
    expect(most).toBe(5);
  });
  test("a turn that is stopped does not wait, and holds nothing", async () => {
    fetch = never;
    const stop = new AbortController();
    const taking = take(open(), [wanted("a", "1")], { signal: stop.signal });
    await expect.poll(() => asked.length).toBe(1);
    stop.abort();
    expect((await taking).map(({ kind }) => kind)).toEqual(["missing"]);
  });
});

describe("conversion", () => {
  function converter(script: string): void {
    writeFileSync(join(dir, "tools/heif-convert"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(dir, "tools/heif-convert"), 0o755);
  }

  test("HEIC is given as JPEG, once converted", async () => {
    converter(`echo run >> '${dir}/runs'; echo jpeg > "$4"`);
    const incoming = open();
    const [first] = await take(incoming, [wanted("IMG.HEIC", HEIC)]);
    expect(first).toMatchObject({
      mimeType: "image/jpeg",
      name: "IMG.HEIC",
      bytes: 5,
      note: "converted from HEIC",
    });
    expect(await take(incoming, [wanted("IMG.HEIC", HEIC)])).toEqual([first]);
    expect(readFileSync(join(dir, "runs"), "utf8")).toBe("run\n");
    expect(readdirSync(join(dir, "media"))).toHaveLength(1);
  });
  test("the file as it came, and a note, where that cannot be", async () => {
    converter('echo "bad data" >&2; exit 1');
    const [file] = await take(open(), [wanted("IMG.HEIC", HEIC)]);
    const note = "HEIC was not converted: exit code 1: bad data";
    expect(file).toMatchObject({ mimeType: "image/heic", bytes: HEIC.length, note });
    expect(left()).toEqual([]);
  });
});
