// The control page in a real browser: every view and what is done there, on the desk and on the phone, in light and dark, with hostile texts.
import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until, World } from "../scenarios/world.ts";
import { HAS_CHROMIUM, Visit, type Look } from "./browser.ts";

const OWNER = "+14155550001";
const GUEST = "+14155550002";
const HOSTILE = `<img src=x onerror="document.title='owned'"> \u202edesrever \u001b[31m ${"W".repeat(300)}`;
const VIEWS = ["Home", "Inbox", "Conversations", "Agents", "Config", "Activity"] as const;

let world: World;
beforeAll(async () => {
  if (!HAS_CHROMIUM) {
    process.stderr.write("SKIPPED: no Chromium here; install chromium for the tests of the control page\n");
    return;
  }
  world = await World.create({
    imessage: { dmPolicy: "pairing", allowFrom: [OWNER], selfHandles: [] },
    config: { commands: { ownerAllowFrom: [OWNER] } },
  });
  await world.start();
  await world.receive(OWNER, "hello there");
  await world.receive(OWNER, HOSTILE);
  await until(
    () => world.sentTo(OWNER).length >= 2,
    () => world.lastLog(),
  );
});
afterAll(async () => world?.[Symbol.asyncDispose]());

describe.skipIf(!HAS_CHROMIUM)("the control page", () => {
  test("a stranger who writes shows up live, is allowed with one press, and is answered", async () => {
    await using visit = await Visit.open({ width: 360, height: 740 });
    await visit.signIn(world);
    await visit.go("Inbox");
    await visit.page.getByText("Nothing waits for you").waitFor();
    await world.receive(GUEST, "may I come in?");
    await visit.page.getByText("may I come in?").waitFor();
    await visit.page.getByRole("button", { name: `Allow ${GUEST}` }).click();
    await visit.page.getByText("This is settled.").waitFor();
    await until(
      () => world.sentTo(GUEST).includes("You said: may I come in?"),
      () => world.lastLog(),
    );
    await visit.go("Conversations");
    await visit.openConversation(GUEST);
    await visit.page.getByRole("log").getByText("You said: may I come in?").waitFor();
    expect(visit.troubles).toEqual([]);
  });

  test("a conversation shows its messages with their verdicts, says why, and takes a text of one's own", async () => {
    await using visit = await Visit.open();
    await visit.signIn(world);
    await visit.go("Conversations");
    await visit.openConversation(OWNER);
    const log = visit.page.getByRole("log");
    await log.getByText("hello there", { exact: true }).waitFor();
    await log.getByRole("button", { name: /^Why\? About: hello there/u }).click();
    await visit.page.getByRole("dialog").getByText("It was answered.").waitFor();
    await visit.page.keyboard.press("Escape");
    await visit.page.getByLabel("Write as yourself").fill("written on the page");
    await visit.page.getByRole("button", { name: "Send" }).click();
    await log.getByText("written on the page").waitFor();
    await until(
      () => world.sentTo(OWNER).includes("written on the page"),
      () => world.lastLog(),
    );
    expect(visit.troubles).toEqual([]);
  });

  test("the config is changed after its diff was seen, and the change is undone", async () => {
    await using visit = await Visit.open();
    await visit.signIn(world);
    await visit.go("Config");
    await visit.page.getByLabel("Search keys").fill("responsePrefix");
    const field = visit.page.getByLabel("messages.responsePrefix", { exact: true });
    await field.fill("> ");
    await field.blur();
    await visit.page.getByRole("button", { name: "Review 1 change…" }).click();
    const dialog = visit.page.getByRole("dialog");
    await dialog.getByText("responsePrefix").first().waitFor();
    await dialog.getByRole("button", { name: "Make the change" }).click();
    await dialog.waitFor({ state: "detached" });
    expect((await world.coderclaw("config", "get", "messages.responsePrefix")).stdout).toBe("> \n");
    await visit.page.getByRole("button", { name: "Undo the last change…" }).click();
    await visit.page.getByRole("dialog").getByRole("button", { name: "Make the change" }).click();
    await visit.page.getByRole("dialog").waitFor({ state: "detached" });
    expect((await world.coderclaw("config", "get", "messages.responsePrefix")).stdout).toBe("\n");
    expect(visit.troubles).toEqual([]);
  });

  test("by keyboard alone: g and a letter go to a view, ? lists the keys, / searches", async () => {
    await using visit = await Visit.open();
    await visit.signIn(world);
    await visit.page.keyboard.press("g");
    await visit.page.keyboard.press("c");
    await visit.page.getByRole("heading", { name: "Conversations", level: 1 }).waitFor();
    await visit.page.keyboard.press("/");
    await visit.page.keyboard.type("hello");
    expect(await visit.page.getByLabel("Search conversations").inputValue()).toBe("hello");
    await visit.page.keyboard.press("Tab");
    await visit.page.keyboard.press("?");
    await visit.page.getByRole("dialog").getByText("go to inbox").waitFor();
    expect(visit.troubles).toEqual([]);
  });

  const looks: readonly Look[] = [360, 768, 1280].flatMap((width) => [
    { width, scheme: "light" },
    { width, scheme: "dark" },
  ]);
  test.each(looks)(
    "$width px, $scheme: every view is accessible, shows hostile texts as texts, and fits",
    async (look) => {
      await using visit = await Visit.open(look);
      await visit.signIn(world);
      for (const view of VIEWS) {
        await visit.go(view);
        if (view === "Conversations") await visit.openConversation(OWNER);
        await visit.page.waitForLoadState("networkidle").catch(() => {});
        const { violations } = await new AxeBuilder({ page: visit.page })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
          .analyze();
        expect(violations.map(({ id, nodes }) => `${view}: ${id} ${nodes.at(0)?.html ?? ""}`)).toEqual([]);
        const overflow = await visit.page.evaluate<number>(
          "document.documentElement.scrollWidth - innerWidth",
        );
        expect([view, overflow <= 0]).toEqual([view, true]);
        expect(await visit.page.title()).not.toBe("owned");
      }
      expect(visit.troubles).toEqual([]);
    },
  );

  test("a link works once, and says what to do the second time", async () => {
    const { here } = JSON.parse((await world.coderclaw("page", "--no-open", "--json")).stdout) as {
      here: string;
    };
    await using first = await Visit.open();
    await first.page.goto(here);
    await first.page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    expect(first.page.url()).not.toContain("sign-in");
    await using second = await Visit.open();
    await second.page.goto(here);
    await second.page.getByText("coderclaw page").first().waitFor();
  });
});
