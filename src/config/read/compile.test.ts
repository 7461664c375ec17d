import { expect, test } from "vitest";
import { compileConfig, compileConfigNow } from "./compile.ts";
import { readEnvironment } from "../env.ts";
import { findPlaces } from "../places.ts";

const environment = readEnvironment({ CODERCLAW_STATE_DIR: "/state" });
const places = findPlaces("/etc/claw/c.json", environment);
const withPattern = (pattern: string) =>
  JSON.stringify({ messages: { groupChat: { mentionPatterns: [pattern] } } });

test("the engine for patterns is loaded when a pattern needs it, and not before", async () => {
  const now = (pattern: string) => () => compileConfigNow(withPattern(pattern), places, environment);
  expect(now("claw")()).toMatchObject({ ok: true });
  expect(await compileConfig(withPattern("小爪"), places, environment)).toMatchObject({ ok: true });
  expect(now("cl.w")).toThrow("before loadPatternEngine");
  expect(await compileConfig(withPattern("cl.w"), places, environment)).toMatchObject({ ok: true });
  expect(now("cl.w")()).toMatchObject({ ok: true });
  expect(now("cl(w")()).toMatchObject({ ok: false });
});
