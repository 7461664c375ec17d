// Colour in the log: at a terminal that has it, unless `NO_COLOR` is set.
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliWorld } from "./world.ts";

/** Makes stderr look like a terminal; what it can do is then up to the environment, as at a real one. */
const AT_A_TERMINAL = `import{WriteStream}from"node:tty";process.stderr.isTTY=true;for(let name of ["hasColors","getColorDepth"])process.stderr[name]=WriteStream.prototype[name]`;

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

/** What a gateway logs until it is told to end. */
async function log(environment: NodeJS.ProcessEnv): Promise<string> {
  const own = { TERM: "xterm-256color", FORCE_COLOR: undefined, NO_COLOR: undefined, CI: undefined };
  const child = world.spawn({ ...own, CODERCLAW_GATEWAY_PORT: "0", ...environment }, "gateway");
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes("gateway runs")) child.kill("SIGTERM");
  });
  await once(child, "close");
  return text;
}

const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(AT_A_TERMINAL)}`;

test.each([
  ["a terminal", { NODE_OPTIONS }, true],
  ["a terminal with NO_COLOR", { NODE_OPTIONS, NO_COLOR: "1" }, false],
  ["a terminal that is dumb", { NODE_OPTIONS, TERM: "dumb" }, false],
  ["no terminal", {}, false],
])("%s", async (_name, environment, hasColours) => {
  const text = await log(environment);
  expect(text).toContain("gateway runs");
  expect(text.includes("\u001b[")).toBe(hasColours);
});
