import fc from "fast-check";
import { expect, test } from "vitest";
import { driftOf } from "./drift.ts";
import type { ServicePlan } from "./service-plan.ts";
import { systemd } from "./systemd.ts";

const manager = systemd({ configHome: "/home/bot/.config", user: "bot" });

function plan(command: ServicePlan["command"], environment: ServicePlan["environment"] = {}): ServicePlan {
  return { command, environment, environmentFile: "/home/bot/50%/service.env", logFile: "/tmp/log" };
}

test("what has a meaning for systemd is written as plain text", () => {
  const text = manager.render(plan(["/bin/node", '/a "b"/$HOME/50%/c\\d.js'], { PATH: "/x:/y z" }));
  expect(text).toContain('ExecStart="/bin/node" "/a \\"b\\"/$$HOME/50%%/c\\\\d.js"');
  expect(text).toContain('Environment="PATH=/x:/y z"');
  expect(text).toContain("EnvironmentFile=-/home/bot/50%%/service.env");
});

test("a unit is read back as it was written", () => {
  const word = fc.string({ unit: "grapheme-ascii", minLength: 1 }).filter((text) => !text.includes("\n"));
  fc.assert(
    fc.property(fc.tuple(word, word), word, (command, value) => {
      const environment = { PATH: value };
      expect(manager.read(manager.render(plan(command, environment)))).toEqual({ command, environment });
    }),
  );
});

test("drift: programs that are gone come first, then other paths, then folders that are missing", () => {
  const node = process.execPath;
  const today = plan([node, import.meta.filename], { PATH: "/usr/bin:/opt/agents/bin" });
  expect(driftOf(today, today)).toEqual([]);
  expect(driftOf(plan(["/gone/node", "/gone/main.js"]), today)).toMatchObject([
    { isBroken: true },
    { isBroken: true },
  ]);
  expect(driftOf(plan([node], { PATH: "/usr/bin" }), today).map(({ message }) => message)).toEqual([
    expect.stringContaining("today it would be"),
    expect.stringContaining("/opt/agents/bin"),
  ]);
});
