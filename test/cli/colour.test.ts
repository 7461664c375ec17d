// Colour in the log: at a terminal that has it, unless `NO_COLOR` is set.
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliWorld } from "./world.ts";

/** Makes stderr look like a terminal; what it can do is then up to the environment, as at a real one. */
const AT_A_TERMINAL = `import{WriteStream}from"node:tty";process.stderr.isTTY=true;for(let name of ["hasColors","getColorDepth"])process.stderr[name]=WriteStream.prototype[name]`;

let world: CliWorld;
let taken: Server;
beforeEach(async () => {
  world = new CliWorld();
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  taken.close();
  world.remove();
});

/** What a gateway logs before it finds its port taken. */
async function log(environment: NodeJS.ProcessEnv): Promise<string> {
  const { port } = taken.address() as AddressInfo;
  const own = {
    TERM: "xterm-256color",
    FORCE_COLOR: undefined,
    NO_COLOR: undefined,
    CI: undefined,
    CODERCLAW_GATEWAY_PORT: `${port}`,
  };
  const { stderr } = await world.runWith({ environment: { ...own, ...environment } }, "gateway");
  return stderr;
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
