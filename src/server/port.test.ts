import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { takePort } from "./port.ts";

/** Everything the other side says until it ends. */
async function ask(port: number): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write("GET / HTTP/1.0\r\n\r\n");
  let said = "";
  for await (const chunk of socket) said += String(chunk);
  return said;
}

test("who asks before the server is there waits, and is answered like those who come later", async () => {
  const taken = await takePort("127.0.0.1", 0);
  const early = [ask(taken.port), ask(taken.port)];
  const server = createHttpServer((_request, response) => response.end("here"));
  await taken.handTo(server);
  taken.giveBack();
  for (const said of [...(await Promise.all(early)), await ask(taken.port)])
    expect(said).toMatch(/\r\nhere$/u);
  server.close();
  await once(server, "close");
  (await takePort("127.0.0.1", taken.port)).giveBack();
});

test("a port that is given back is free, and who waited there is let go", async () => {
  const taken = await takePort("127.0.0.1", 0);
  const early = ask(taken.port).catch((cause: NodeJS.ErrnoException) => cause.code);
  await expect(takePort("127.0.0.1", taken.port)).rejects.toMatchObject({ code: "gateway/port-in-use" });
  taken.giveBack();
  expect(["", "ECONNRESET"]).toContain(await early);
  (await takePort("127.0.0.1", taken.port)).giveBack();
});

test.each([
  ["says nothing", ""],
  ["speaks something else", "220 mail ready\r\n\r\n"],
  ["is another program", "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n"],
])("what has the port and %s is no gateway", async (_, greeting) => {
  const other = createServer((socket) => socket.on("error", () => {}).end(greeting)).listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  await expect(takePort("127.0.0.1", port)).rejects.toMatchObject({ message: `127.0.0.1:${port} is taken.` });
  other.close();
});

test.each(["203.0.113.7", "no-such-host.invalid"])(
  "an address that is not this machine's: %s",
  async (bind) => {
    await expect(takePort(bind, 0)).rejects.toMatchObject({
      code: "gateway/port-in-use",
      hint: "Correct gateway.bind and gateway.port.",
    });
  },
);
