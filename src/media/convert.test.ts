// Conversions, by stand-ins of the converters that do what a test says.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { conversionOf, convert, type Conversion, type ConvertOptions } from "./convert.ts";

let folder: string;
let tools: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "convert-"));
  tools = join(folder, "tools");
  mkdirSync(tools);
  writeFileSync(join(folder, "part"), "picture");
});
afterEach(() => rmSync(folder, { recursive: true }));

function wanted(mimeType: string): Conversion {
  const conversion = conversionOf({ mimeType, extension: "x" });
  if (!conversion) throw new Error(`${mimeType} is not converted`);
  return conversion;
}

/** A program of this name; `$in` and `$out` are the files. */
function install(name: string, script: string): void {
  const files =
    name === "heif-convert" ? 'in="$3"; out="$4"' : 'for one in "$@"; do in="$out"; out="$one"; done';
  const log = `printf '%s\\n' "$0" "$@" > '${folder}/asked'`;
  writeFileSync(join(tools, name), `#!/bin/sh\n${log}\n${files}\n${script}\n`);
  chmodSync(join(tools, name), 0o755);
}

function asked(): readonly string[] {
  return readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
}

async function run(mimeType: string, over: Partial<ConvertOptions> = {}): ReturnType<typeof convert> {
  const work = join(folder, "work");
  return convert(
    join(folder, "part"),
    { conversion: wanted(mimeType), folder: work },
    {
      searchPath: ["not/absolute", tools, "/usr/bin", "/bin"],
      timeoutMs: 10_000,
      maxBytes: 1000,
      signal: new AbortController().signal,
      ...over,
    },
  );
}

describe("HEIC", () => {
  test("by heif-convert, without a shell and with absolute paths", async () => {
    install("heif-convert", '/bin/cat "$in" "$in" > "$out"');
    const result = await run("image/heic");
    expect(result).toEqual({ path: join(folder, "work/out.jpg") });
    expect(readFileSync(join(folder, "work/out.jpg"), "utf8")).toBe("picturepicture");
    expect(asked()).toEqual([
      join(tools, "heif-convert"),
      "-q",
      "90",
      join(folder, "work/in.heic"),
      join(folder, "work/out.jpg"),
    ]);
  });
  test("several pictures in one: the first", async () => {
    install("heif-convert", 'for n in 1 2; do echo $n > "${out%.jpg}-$n.jpg"; done');
    expect(await run("image/heic-sequence")).toEqual({ path: join(folder, "work/out-1.jpg") });
  });
  test("else by sips", async () => {
    install("sips", 'echo jpeg > "$out"');
    expect(await run("image/heif", { searchPath: [tools] })).toEqual({ path: join(folder, "work/out.jpg") });
    expect(asked().slice(1, 4)).toEqual(["-s", "format", "jpeg"]);
  });
  test("without a converter: a note that names them", async () => {
    expect(await run("image/heic", { searchPath: [tools] })).toEqual({
      because: "HEIC was not converted: there is no heif-convert or sips",
    });
    expect(existsSync(join(folder, "work"))).toBe(false);
  });
});

test("CAF by ffmpeg, which is told what it reads", async () => {
  install("ffmpeg", 'echo m4a > "${out#file:}"');
  expect(await run("audio/x-caf")).toEqual({ path: join(folder, "work/out.m4a") });
  expect(asked().join(" ")).toContain(`-f caf -i file:${join(folder, "work/in.caf")} `);
});

test("nothing else is converted", () => {
  expect(
    ["image/png", "image/avif", "audio/mp4", "constructor"].map((mimeType) =>
      conversionOf({ mimeType, extension: "" }),
    ),
  ).toEqual([undefined, undefined, undefined, undefined]);
});

describe("a converter that", () => {
  const because = async (over: Partial<ConvertOptions> = {}): Promise<string> => {
    const result = await run("image/heic", over);
    return "because" in result ? result.because : "converted";
  };
  test("fails says why", async () => {
    install("heif-convert", 'echo "first"; echo "Invalid input" >&2; exit 3');
    expect(await because()).toBe("HEIC was not converted: exit code 3: Invalid input");
  });
  test("writes nothing", async () => {
    install("heif-convert", "exit 0");
    expect(await because()).toBe("HEIC was not converted: the converter wrote nothing");
  });
  test("hangs is ended with what it started", async () => {
    install("heif-convert", `/bin/sleep 60 & echo $! > '${folder}/child'; wait`);
    expect(await because({ timeoutMs: 500 })).toBe("HEIC was not converted: it took more than 0.5 s");
    const child = Number(readFileSync(join(folder, "child"), "utf8"));
    await expect.poll(() => isAlive(child)).toBe(false);
  });
  test("writes without end is ended", async () => {
    install("heif-convert", 'exec /bin/cat /dev/zero > "$out"');
    expect(await because()).toBe("HEIC was not converted: its output is too large");
  });
  test("writes too much at once", async () => {
    install("heif-convert", '/usr/bin/head -c 2000 /dev/zero > "$out"');
    expect(await because()).toMatch(/too large$/u);
  });
  test("takes more memory than it may is ended, what it started with it", async () => {
    const hog = "const hog = Buffer.alloc(90e6, 1); setInterval(() => hog[0], 1000)";
    install("heif-convert", `'${process.execPath}' -e '${hog}' & echo $! > '${folder}/child'; wait`);
    expect(await because({ memoryBytes: 64 * 1024 * 1024 })).toBe(
      "HEIC was not converted: it took more than 64 MB of memory",
    );
    const child = Number(readFileSync(join(folder, "child"), "utf8"));
    await expect.poll(() => isAlive(child)).toBe(false);
  });
  test("is stopped with its turn", async () => {
    install("heif-convert", "/bin/sleep 60");
    const stop = new AbortController();
    const ended = because({ signal: stop.signal });
    stop.abort();
    expect(await ended).toBe("HEIC was not converted: it was stopped");
  });
  test("cannot be executed at all", async () => {
    writeFileSync(join(tools, "heif-convert"), "#!/no/such/interpreter\n");
    chmodSync(join(tools, "heif-convert"), 0o755);
    expect(await because()).toBe("HEIC was not converted: it could not be started (ENOENT)");
  });
});

/** A zombie is as gone as it gets without its parent. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
