// An agent's question on the page: shown whole, answered with one press, told to the owner who was asked in Messages, and over for good.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isWritten, OWNER } from "../scenarios/asking.ts";
import { until } from "../scenarios/world.ts";
import { HAS_CHROMIUM, openChromium } from "./chromium.ts";
import { GatewayPage } from "./gateway-page.ts";

const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));

describe.skipIf(!HAS_CHROMIUM)("a question on the page", () => {
  let browser: Browser;
  let gateway: GatewayPage;
  beforeAll(async () => {
    browser = await openChromium();
    gateway = await GatewayPage.start(browser, {
      imessage: { dmPolicy: "pairing", allowFrom: [OWNER] },
      config: {
        agents: {
          list: [
            {
              id: "crab",
              name: "Crab",
              runtime: { type: "acp", command: [process.execPath, AGENT, "--load"] },
            },
          ],
        },
        commands: { ownerAllowFrom: [OWNER] },
        session: { dmScope: "per-peer" },
      },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  /** What a program gets that answers with the gateway's token, as an agent on this machine could. */
  async function answerWithToken(id: number): Promise<string> {
    const state = join(gateway.world.dir, "state");
    const token = (await readFile(join(state, "gateway.token"), "utf8")).trim();
    const { host, port } = JSON.parse(await readFile(join(state, "gateway.address"), "utf8")) as {
      host: string;
      port: number;
    };
    const response = await fetch(`http://${host}:${port}/api/approvals/${id}/answer`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ optionId: "once" }),
    });
    return ((await response.json()) as { error: { code: string } }).error.code;
  }

  test.each([
    ["Allow once", "yes.txt", true],
    ["Reject", "no.txt", false],
  ])(
    "%s: what was asked is done, or is not; a program's token cannot answer",
    async (label, file, isDone) => {
      const { world } = gateway;
      await using opened = await gateway.open("inbox");
      const { page } = opened;
      await world.receive(OWNER, `@ask edit ${file} two words`);
      await page.getByText("two words").first().waitFor();
      const { items } = await world.ask<{ items: { approvalId?: number }[] }>("/api/inbox");
      const id = items.find(({ approvalId }) => approvalId !== undefined)?.approvalId;
      expect(await answerWithToken(id ?? 0)).toBe("config/protected");
      await page.getByRole("button", { name: new RegExp(`^${label}: `, "u") }).click();
      await page.getByText("This is settled.").first().waitFor();
      await until(
        () => world.sentTo(OWNER).some((text) => text.startsWith(isDone ? "allowed: once" : "denied: no")),
        () => world.lastLog(),
      );
      expect(isWritten(world, file)).toBe(isDone);
      expect(world.sentTo(OWNER).join("\n")).toContain("on the control page");
    },
  );
});
