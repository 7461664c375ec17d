import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ChatWorld } from "../../../test/control/chat-world.ts";
import { ANNA } from "../../../test/contracts/store-world.ts";

const CONFIG = `{ channels: { imessage: { allowFrom: ["${ANNA}"], accounts: { home: {} } } }, commands: { config: true } }`;

test.each(["set channels.imessage.historyLimit 3", "undo"])(
  "%s on a file that somebody broke by hand speaks of the file, not of what was asked",
  async (args) => {
    const chat = await ChatWorld.create(CONFIG);
    try {
      chat.write("{ channels: ");
      writeFileSync(`${chat.configFile}.bak`, CONFIG);
      expect(await chat.ask(`/config ${args}`)).toMatch(
        /^⚠️ not written: the config file is not valid as it is: [^\n]*:1:[^\n]*\nCorrect the file at the machine first\.$/,
      );
    } finally {
      await chat.remove();
    }
  },
);
