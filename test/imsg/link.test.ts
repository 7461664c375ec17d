// The JSON-RPC client against tiny programs that answer in every way a pipe allows.
import { describe, expect, it } from "vitest";
import { Link } from "../../src/imsg/child/link.ts";
import { ImsgRefusal } from "../../src/imsg/child/refusal.ts";
import { GatewayError } from "../../src/model/errors.ts";

interface Heard {
  readonly link: Link;
  readonly heard: string[];
}

/** Runs a shell script as if it were imsg. */
function play(script: string): Heard {
  const heard: string[] = [];
  const link = new Link({
    command: "sh",
    args: ["-c", script],
    onNotification: (method, params) => heard.push(`${method} ${JSON.stringify(params)}`),
    onNoise: (stream, line) => heard.push(`${stream}: ${line}`),
  });
  return { link, heard };
}

async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  const thrown: unknown = await promise.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  if (thrown instanceof GatewayError) return thrown;
  throw thrown;
}

describe("link", () => {
  it("finds the answer between banners, blank lines, notifications and answers to nobody", async () => {
    const { link, heard } = play(`
      read request
      echo 'Welcome to Darwin!'
      echo
      echo '{"jsonrpc":"2.0","method":"message","params":{"subscription":1}}'
      echo '{"jsonrpc":"2.0","id":99,"result":"nobody asked"}'
      echo '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}'
      echo '[1]'
      echo 'half {"a":'
      echo 'to the side' >&2
      printf '{"id":1,"result":"a\\342\\200\\250b \\360\\237\\216'
      sleep 0.1
      printf '\\211","jsonrpc":"2.0"}\\r\\n'
      cat > /dev/null`);
    expect(await link.call("status", {}, 5_000)).toBe("a\u2028b 🎉");
    await link.close(1_000);
    expect(heard.toSorted()).toEqual([
      'message {"subscription":1}',
      "stderr: to the side",
      "stdout: Welcome to Darwin!",
      "stdout: [1]",
      'stdout: half {"a":',
      'stdout: {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
    ]);
  });

  it("finds the first answer behind a banner that does not end its line, and nothing so later", async () => {
    const { link, heard } = play(`
      read request
      printf 'Welcome {"to": 1} {"Darwin"! '
      echo '{"id":1,"result":{"a":{"b":1}},"jsonrpc":"2.0"}'
      read request
      echo 'debug: {"id":2,"result":"echoed","jsonrpc":"2.0"}'
      echo '{"id":2,"result":"real","jsonrpc":"2.0"}'
      cat > /dev/null`);
    expect(await link.call("status", {}, 5_000)).toEqual({ a: { b: 1 } });
    expect(await link.call("status", {}, 5_000)).toBe("real");
    await link.close(1_000);
    expect(heard).toEqual([
      'stdout: Welcome {"to": 1} {"Darwin"! ',
      'stdout: debug: {"id":2,"result":"echoed","jsonrpc":"2.0"}',
    ]);
  });

  it("says so when a line is too long to be read, and reads the next", async () => {
    const { link, heard } = play(`
      read request
      head -c 70000000 /dev/zero | tr '\\0' x
      echo
      echo '{"id":1,"result":"here","jsonrpc":"2.0"}'
      cat > /dev/null`);
    expect(await link.call("status", {}, 10_000)).toBe("here");
    await link.close(1_000);
    expect(heard).toEqual([expect.stringMatching(/^stdout: a line of more than \d+ bytes, thrown away$/u)]);
  });

  it("gives errors with their useful text", async () => {
    const { link } = play(`
      read request
      echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params","data":"unknown chat_id 9999"}}'
      read request
      echo '{"id":2,"error":{"code":-32001,"message":"x","data":{"disposition":"may_have_completed","retry_safe":false,"detail":"lost"}}}'
      cat > /dev/null`);
    const first = await failure(link.call("send", {}, 5_000));
    expect(first).toBeInstanceOf(ImsgRefusal);
    expect(first).toMatchObject({
      code: "imsg/refused",
      rpcCode: -32602,
      text: "unknown chat_id 9999",
      effect: "none",
    });
    const second = await failure(link.call("send", {}, 5_000));
    expect(second).toMatchObject({ text: "lost", disposition: "may_have_completed", effect: "maybe" });
    await link.close(1_000);
  });

  it("settles every call when the child ends, and knows which of them it may have read", async () => {
    const { link } = play("read request; echo 'no more' >&2; exit 3");
    link.limitInFlight(1);
    const errors = await Promise.all([
      failure(link.call("a", {}, 5_000)),
      failure(link.call("b", {}, 5_000)),
    ]);
    expect(errors.map(({ code, effect }) => [code, effect])).toEqual([
      ["imsg/gone", "maybe"],
      ["imsg/gone", "none"],
    ]);
    expect((await link.ended).message).toBe("imsg ended (exit 3): no more");
    expect(await failure(link.call("c", {}, 5_000))).toMatchObject({ code: "imsg/gone", effect: "none" });
  });

  it("lets a request time out from when it is written, and writes no other to that child", async () => {
    const { link } = play("while read request; do :; done");
    link.limitInFlight(1);
    const errors = await Promise.all([failure(link.call("a", {}, 100)), failure(link.call("b", {}, 100))]);
    expect(errors.map(({ code, effect }) => [code, effect])).toEqual([
      ["imsg/timeout", "maybe"],
      ["imsg/gone", "none"],
    ]);
    await link.ended;
  });

  it("gives the answers that a closing child still writes", async () => {
    const { link } = play(`read request; cat > /dev/null; echo '{"jsonrpc":"2.0","id":1,"result":"late"}'`);
    const answer = link.call("send", {}, 5_000);
    await link.close(3_000);
    expect(await answer).toBe("late");
  });

  it("reads on for an answer although it was told to pause", async () => {
    const { link, heard } = play(`
      read request
      i=0; while [ $i -lt 5000 ]; do echo '{"method":"message","params":{"pad":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}'; i=$((i+1)); done
      echo '{"jsonrpc":"2.0","id":1,"result":"behind all that"}'
      cat > /dev/null`);
    link.pause();
    expect(await link.call("messages.history", {}, 10_000)).toBe("behind all that");
    expect(heard).toHaveLength(5_000);
    await link.close(1_000);
  });

  it.each([
    ["exit 0 after a help page", "echo 'imsg 0.3'; echo Usage", "imsg/no-rpc"],
    ["an unknown subcommand", "echo \"Unknown subcommand 'rpc' for command 'imsg'\"; exit 1", "imsg/no-rpc"],
    ["exit 255 of ssh", "echo 'Permission denied (publickey).' >&2; exit 255", "imsg/gone"],
    ["exit 0 and not a word", "exit 0", "imsg/gone"],
  ])("tells %s", async (_what, script, code) => {
    expect((await play(script).link.ended).code).toBe(code);
  });
});
