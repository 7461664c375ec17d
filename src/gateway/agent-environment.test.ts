import { expect, test } from "vitest";
import { agentEnvironment } from "./agent-environment.ts";

test("all but what is the gateway's own, and what its config takes", () => {
  const variables = {
    PATH: "/bin",
    EDITOR: "vi",
    CODERCLAW_GATEWAY_TOKEN: "t",
    CODERCLAW_X: "",
    API_KEY: "k",
  };
  expect(agentEnvironment(variables, ["API_KEY", "NOT_SET"])).toEqual({ PATH: "/bin", EDITOR: "vi" });
});

test("what every program needs is given even where the config takes it", () => {
  const variables = { HOME: "/home/me", LC_ALL: "C", XDG_CONFIG_HOME: "/x", HOME_KEY: "k" };
  const kept = agentEnvironment(variables, Object.keys(variables));
  expect(Object.keys(kept)).toEqual(["HOME", "LC_ALL", "XDG_CONFIG_HOME"]);
});
