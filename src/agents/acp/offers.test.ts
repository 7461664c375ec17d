import { expect, test } from "vitest";
import { SessionOffers } from "./offers.ts";

const MODES = { currentModeId: "ask", availableModes: [{ id: "ask", name: "Ask" }, { id: "build" }] };
const option = (category: string, value: string, options: unknown) => ({
  id: `the-${category}`,
  type: "select",
  category,
  name: category,
  currentValue: value,
  options,
});

function opened(answer: unknown): SessionOffers {
  const offers = new SessionOffers();
  offers.takeOpening(answer);
  return offers;
}

test("modes of their own, and models of a configuration option, grouped or not", () => {
  const models = [{ group: "g", name: "G", options: [{ value: "s", name: "Small" }] }, { value: "l" }];
  const offers = opened({ modes: MODES, configOptions: [option("model", "s", models)] });
  expect(offers.current()).toEqual({
    modes: [
      { id: "ask", name: "Ask" },
      { id: "build", name: "build" },
    ],
    mode: "ask",
    models: [
      { id: "s", name: "Small" },
      { id: "l", name: "l" },
    ],
    model: "s",
    commands: [],
  });
  expect(offers.setter("mode", "build")).toEqual({
    method: "session/set_mode",
    params: { modeId: "build" },
  });
  expect(offers.setter("model", "l")).toEqual({
    method: "session/set_config_option",
    params: { configId: "the-model", value: "l" },
  });
});

test("an agent without modes may have an option for it; an older one models of its own", () => {
  const offers = opened({
    configOptions: [option("mode", "plan", [{ value: "plan" }, { value: "build" }])],
    models: { currentModelId: "s", availableModels: [{ modelId: "s", name: "Small" }] },
  });
  expect(offers.setter("mode", "build")?.method).toBe("session/set_config_option");
  expect(offers.setter("model", "s")).toEqual({ method: "session/set_model", params: { modelId: "s" } });
  offers.takeCurrent("mode", "build");
  expect(offers.current()).toMatchObject({ mode: "build", model: "s" });
});

test("news replace what was known; what is no list changes nothing", () => {
  const offers = opened({ configOptions: [option("model", "s", [{ value: "s" }])] });
  offers.takeOptions("nonsense");
  expect(offers.current().model).toBe("s");
  offers.takeOptions([option("model", "l", [{ value: "l" }]), option("thought_level", "x", [])]);
  expect(offers.current()).toMatchObject({ models: [{ id: "l", name: "l" }], model: "l" });
  offers.takeCommands([{ name: "review", description: "" }]);
  expect(offers.current().commands).toEqual([{ name: "review", description: "" }]);
});

test("nothing, and nonsense, offer nothing", () => {
  const nonsense = { modes: 7, models: "x", configOptions: [7, null, { category: "model" }] };
  for (const answer of [undefined, null, 7, [], {}, nonsense]) {
    const offers = opened(answer);
    expect(offers.current()).toMatchObject({ modes: [], models: [], mode: undefined, model: undefined });
    expect(offers.setter("model", "x")).toBeUndefined();
  }
});
