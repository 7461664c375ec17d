// Owners at the command line: who becomes one with an approval, who is asked, and how somebody becomes one later.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ANNA, BERT } from "../contracts/store-world.ts";
import { CliWorld } from "./world.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const NO_OWNER = `There is no owner yet, so nobody can approve what an agent wants to do.\nTo make them the owner: coderclaw pairing owner imessage ${ANNA}\n`;

let world: CliWorld;
beforeEach(async () => {
  world = new CliWorld();
  world.config({ channels: { imessage: { accounts: { home: {} } } } });
});
afterEach(() => world.remove());

async function owners(): Promise<unknown> {
  return (await world.json("pairing", "owner", "imessage")).value["owners"];
}

async function approved(): Promise<unknown> {
  return (await world.json("pairing", "list", "imessage", "--approved")).value["approved"];
}

describe("approving somebody", () => {
  beforeEach(async () => world.state(async (played) => played.asks(ANNA, "ABCD2345")));

  test("without a terminal makes nobody an owner, and says what is missing", async () => {
    const { code, stdout } = await world.run("pairing", "approve", "imessage", "ABCD2345");
    expect([code, stdout]).toEqual([
      0,
      `Approved ${ANNA} (account home).\n1 held message will be answered.\n${NO_OWNER}`,
    ]);
    expect(await owners()).toEqual([]);
  });

  test("--no-owner makes them none", async () => {
    const { stdout } = await world.run("pairing", "approve", "imessage", "ABCD2345", "--no-owner");
    expect(stdout).toContain(NO_OWNER);
    expect(await owners()).toEqual([]);
  });

  test("--owner makes them one", async () => {
    const { value } = await world.json("pairing", "approve", "imessage", "ABCD2345", "--owner");
    expect(value["approved"]).toMatchObject({ handle: ANNA, owners: [ANNA] });
    expect(await owners()).toEqual([ANNA]);
  });

  test("with an owner nothing is asked; whose memory they share is said", async () => {
    world.config({ channels: { imessage: { accounts: { home: { allowFrom: [BERT] } } } } });
    const { stdout } = await world.run("pairing", "approve", "imessage", "ABCD2345");
    expect(stdout).not.toContain("There is no owner");
    expect(stdout).toContain(`They share one memory of agent main with ${BERT}:`);
  });

  test("nobody is approved where they cannot be made an owner", async () => {
    writeFileSync(
      world.configFile,
      "{ commands: { ownerAllowFrom: [], ownerAllowFrom: [] }, channels: { imessage: { accounts: { home: {} } } } }",
    );
    const { code, stderr } = await world.run("pairing", "approve", "imessage", "ABCD2345", "--owner");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/\n.+\n$/);
    writeFileSync(world.configFile, "{ channels: { imessage: { accounts: { home: {} } } } }", {
      mode: 0o600,
    });
    expect(await approved()).toEqual([]);
  });

  /** `script` of util-linux makes the terminal. */
  describe.skipIf(process.platform !== "linux")("at a terminal", () => {
    async function answer(key: string): Promise<{ code: number | null; shown: string }> {
      const command = `stty cols 200 rows 40; '${process.execPath}' '${MAIN}' pairing approve imessage ABCD2345`;
      const env = {
        ...process.env,
        CODERCLAW_STATE_DIR: world.folder,
        CODERCLAW_GATEWAY_PORT: "1",
        NO_COLOR: "1",
      };
      const child = spawn("script", ["-qec", command, "/dev/null"], { env, stdio: "pipe" });
      let shown = "";
      child.stdout.on("data", (chunk: Buffer) => {
        const isFirst = !shown.includes("the owner?");
        shown += stripVTControlCharacters(chunk.toString());
        if (isFirst && shown.includes("the owner?")) child.stdin.write(key);
      });
      const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
      return { code, shown };
    }

    test("Enter makes them the owner", async () => {
      const { code, shown } = await answer("\r");
      expect(shown).toContain(`Make ${ANNA} the owner?`);
      expect(shown).toContain(`Owners: ${ANNA}`);
      expect([code, await owners()]).toEqual([0, [ANNA]]);
    });

    test("n approves them alone", async () => {
      const { code, shown } = await answer("n");
      expect(shown).toContain("There is no owner yet");
      expect([code, await owners()]).toEqual([0, []]);
      expect(await approved()).toMatchObject([{ handle: ANNA }]);
    });

    test("Ctrl-C does nothing", async () => {
      const { code } = await answer("\u0003");
      expect(code).not.toBe(0);
      expect([await owners(), await approved()]).toEqual([[], []]);
    });
  });
});

describe("pairing owner", () => {
  test("makes somebody an owner who was approved before, and no longer one", async () => {
    await world.state(async (played) => played.asks(ANNA, "ABCD2345"));
    await world.run("pairing", "approve", "imessage", "ABCD2345");
    expect((await world.run("pairing", "owner", "imessage")).stdout).toBe(
      "There is no owner. To make somebody one: coderclaw pairing owner imessage HANDLE\n",
    );
    expect((await world.run("pairing", "approve", "imessage", "ABCD2345", "--owner")).stderr).toContain(
      "coderclaw pairing owner imessage HANDLE",
    );
    const made = await world.run("pairing", "owner", "imessage", "(555) 000-0001");
    expect(made).toMatchObject({ code: 0, stdout: `Owners: ${ANNA}\n` });
    const removed = await world.run("pairing", "owner", "imessage", ANNA, "--remove");
    expect(removed.stdout).toContain("There is no owner.");
    expect((await world.run("pairing", "owner", "imessage", ANNA, "--remove")).code).toBe(1);
  });

  test("says so where nobody has let them in", async () => {
    expect((await world.run("pairing", "owner", "imessage", BERT)).stdout).toBe(
      `Owners: ${BERT}\nNobody has let ${BERT} in yet: approve them when they write, or add them to channels.imessage.allowFrom.\n`,
    );
  });

  test("keeps the other owners, comments and all", async () => {
    const list = `{ commands: { ownerAllowFrom: [\n  "${BERT}", // me\n  "555-000-0001", // her\n] }, channels: { imessage: {} } }`;
    writeFileSync(world.configFile, list, { mode: 0o600 });
    const { stdout } = await world.run("pairing", "owner", "imessage", ANNA, "--remove");
    expect(stdout).toBe(`Owners: ${BERT}\n`);
    expect(readFileSync(world.configFile, "utf8")).toContain("// me");
    expect(await owners()).toEqual([BERT]);
  });

  test("of those who are owners by allowFrom one can be taken off", async () => {
    world.config({ channels: { imessage: { allowFrom: [ANNA, BERT] } } });
    await world.run("pairing", "owner", "imessage", ANNA, "--remove");
    expect(await owners()).toEqual([BERT]);
  });

  test.each(["*", "chat_id:7", "Anna Smith Jones", "sms:*"])("%s is no owner", async (text) => {
    const { code, stderr } = await world.run("pairing", "owner", "imessage", text);
    expect([code, stderr.split("\n").length]).toEqual([2, 3]);
    expect(await owners()).toEqual([]);
  });
});
