// What is shown with a real agent: each scenario says what it saw, or fails.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Line } from "./mock-model.ts";
import { FRIEND, OWNER, type Stage } from "./stage.ts";

/** One of them. */
export interface Scenario {
  readonly name: string;
  /** What the model says in it. */
  readonly script: readonly Line[];
  /** Plays it; the answer is one line of what was seen. */
  readonly play: (stage: Stage) => Promise<string>;
}

const CAPITAL = "What is the capital of Peru?";
const LIMA = "The capital of Peru is Lima.";

const capital: Line = {
  when: "capital of Peru",
  reply: ({ say }) => ["The capital of ", "Peru is ", "Lima."].forEach(say),
};

/** A file is read, then edited, with a word before each: what the person is told is what comes behind the edit. */
const paint: Line = {
  when: "paint",
  reply: ({ say, use }, { results }) => {
    if (results.length === 0) {
      say("Let me look.");
      use("read", { filePath: "paint.txt" });
    } else if (results.length === 1) {
      say("I change it now.");
      use("edit", { filePath: "paint.txt", oldString: "red", newString: "blue" });
    } else say("The paint is blue now.");
  },
};

/** Speaks until nobody listens. */
const count: Line = {
  when: "count",
  reply: async ({ say, gone }) => {
    const isOver = gone.then(() => true);
    for (let number = 1; !(await Promise.race([isOver, delay(50, false)])); number += 1) say(`${number} `);
  },
};

/** Gets stuck the first time it is asked. */
function bridges(): Line {
  let times = 0;
  return {
    when: "bridges",
    reply: async ({ say, gone }) => {
      times += 1;
      say("Bridges are ");
      if (times === 1) await gone;
      else say("for crossing.");
    },
  };
}

const answered: Scenario = {
  name: "a question is answered",
  script: [capital],
  play: async (stage) => {
    await stage.write(OWNER, CAPITAL);
    await stage.expectTexts(OWNER, [LIMA]);
    return `"${CAPITAL}" → "${LIMA}"`;
  },
};

const approved: Scenario = {
  name: "an edit asks, is approved by text and is on disk",
  script: [paint],
  play: async (stage) => {
    const question = await askToPaint(stage);
    await stage.write(OWNER, "1");
    await stage.expectTexts(OWNER, [question, "The paint is blue now."]);
    assert.equal(await stage.readFile("paint.txt"), "colour: blue\n");
    return `asked ${inOneLine(question)}; "1" → paint.txt says blue`;
  },
};

const denied: Scenario = {
  name: "an edit asks, is denied by text and is not on disk",
  script: [paint, capital],
  play: async (stage) => {
    const question = await askToPaint(stage);
    await stage.write(OWNER, "no");
    const end = await stage.nthText(OWNER, 2);
    assert.doesNotMatch(end, /now/u);
    await stage.write(OWNER, CAPITAL);
    await stage.expectTexts(OWNER, [question, end, LIMA]);
    assert.match(stage.model.asked(CAPITAL)[0]?.conversation ?? "", /rejected permission/u);
    assert.equal(await stage.readFile("paint.txt"), "colour: red\n");
    return `"no" → ${inOneLine(end)}; paint.txt still says red, and the agent goes on in its session`;
  },
};

/** Waits for the question; nothing is changed while it waits. */
async function askToPaint(stage: Stage): Promise<string> {
  await stage.writeFile("paint.txt", "colour: red\n");
  const guid = await stage.write(OWNER, "Please make the paint blue.");
  const question = await stage.nthText(OWNER, 1);
  await stage.expectAnswerable(guid);
  for (const part of ["paint.txt", "colour: red", "colour: blue", "1", "Allow once"])
    assert.ok(question.includes(part), `the question has no ${part}: ${question}`);
  assert.equal(await stage.readFile("paint.txt"), "colour: red\n");
  return question;
}

const stopped: Scenario = {
  name: "/stop in the middle of a turn",
  script: [count, capital],
  play: async (stage) => {
    await stage.write(OWNER, "Please count for ever.");
    await stage.expectAsked("count", 1);
    await stage.write(OWNER, "/stop");
    const said = await stage.nthText(OWNER, 1);
    assert.doesNotMatch(said, /\d \d/u);
    await stage.expectHungUp("count");
    await stage.write(OWNER, CAPITAL);
    await stage.expectTexts(OWNER, [said, LIMA]);
    return `"/stop" → ${inOneLine(said)}; the model was hung up on, and the next question is answered`;
  },
};

const survived: Scenario = {
  name: "the gateway is killed in the middle of a turn",
  script: [bridges(), capital],
  play: async (stage) => {
    await stage.write(OWNER, CAPITAL);
    await stage.expectTexts(OWNER, [LIMA]);
    await stage.write(OWNER, "What are bridges for?");
    await stage.expectAsked("bridges", 1);
    await stage.crash();
    await stage.start();
    await stage.expectAsked("bridges", 2);
    const again = stage.model.asked("bridges")[1]?.conversation ?? "";
    assert.ok(again.includes(LIMA), `the agent forgot what was said before: ${again}`);
    await stage.expectTexts(OWNER, [LIMA, "Bridges are for crossing."]);
    await stage.write(OWNER, CAPITAL);
    await stage.expectTexts(OWNER, [LIMA, "Bridges are for crossing.", LIMA]);
    return `SIGKILL, started again → "Bridges are for crossing." once, in the session from before`;
  },
};

const apart: Scenario = {
  name: "two conversations at once",
  script: rememberedWords(),
  play: async (stage) => {
    const words = [
      [OWNER, "apple"],
      [FRIEND, "plum"],
    ] as const;
    for (const [who, word] of words) await stage.write(who, `Remember the word ${word}.`);
    for (const [who, word] of words) await stage.expectTexts(who, [`Noted: ${word}.`]);
    for (const [who] of words) await stage.write(who, "What was it?");
    for (const [who, word] of words)
      await stage.expectTexts(who, [`Noted: ${word}.`, `All I was told: ${word}.`]);
    return `"apple" and "plum" were with the model at the same time; each session knows its own only`;
  },
};

const packed: Scenario = {
  name: "a file that no model takes",
  script: [{ when: "archive", reply: ({ say }) => say("I see its path.") }, capital],
  play: async (stage) => {
    await stage.write(OWNER, "Look at this archive.", { name: "photos.zip", bytes: ZIP });
    await stage.expectTexts(OWNER, ["I see its path."]);
    const { prompt = "" } = stage.model.asked("archive")[0] ?? {};
    assert.match(prompt, /> path: \/.*\.zip\n> type: application\/zip/u);
    await stage.write(OWNER, CAPITAL);
    await stage.expectTexts(OWNER, ["I see its path.", LIMA]);
    return "a .zip is named by its path; the session goes on";
  },
};

/** An empty archive. */
const ZIP = Buffer.concat([Buffer.from("PK\u0005\u0006"), Buffer.alloc(18)]);

/** Nobody is answered before both have asked: one after the other would never end. */
function rememberedWords(): Line[] {
  const both = Promise.withResolvers<void>();
  let count = 0;
  return [
    {
      when: "Remember the word",
      reply: async ({ say, gone }, { prompt }) => {
        count += 1;
        if (count === 2) both.resolve();
        await Promise.race([both.promise, gone]);
        say(`Noted: ${wordsIn(prompt)}.`);
      },
    },
    {
      when: "What was it",
      reply: ({ say }, { conversation }) => say(`All I was told: ${wordsIn(conversation)}.`),
    },
  ];
}

function wordsIn(text: string): string {
  return [...text.matchAll(/the word (\w+)/gu)].map(([, word]) => word).join(" and ");
}

function inOneLine(text: string): string {
  return JSON.stringify(text.replaceAll(/\s+/gu, " "));
}

/** All of them, in the order they are played. */
export const SCENARIOS: readonly Scenario[] = [answered, approved, denied, stopped, survived, apart, packed];
