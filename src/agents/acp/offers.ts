// What an agent offers in one session, and by which of the protocol's ways a choice is told it.
import type { AgentOffers, Choice, OfferedCommand } from "../../model/agent-session.ts";
import { fieldsOf, itemsOf, textOf } from "./loose.ts";

/** What can be chosen. */
export type Chosen = "mode" | "model";

/** How a choice is told: a request, and the parameters beside the session. */
export interface Setter {
  readonly method: "session/set_mode" | "session/set_model" | "session/set_config_option";
  readonly params: Readonly<Record<string, string>>;
}

/** One list to choose from; `optionId` is set where it is a configuration option. */
interface Menu {
  readonly choices: readonly Choice[];
  readonly current: string | undefined;
  readonly optionId: string | undefined;
}

/** Keeps up with a session. */
export class SessionOffers {
  #own: Partial<Record<Chosen, Menu>> = {};
  #options: Partial<Record<Chosen, Menu>> = {};
  #commands: readonly OfferedCommand[] = [];

  /** Takes what the answer to the opening of a session tells. */
  takeOpening(answer: unknown): void {
    const { modes, models, configOptions } = fieldsOf(answer);
    const [mode, model] = [fieldsOf(modes), fieldsOf(models)];
    this.#own = {
      ...menu("mode", { values: mode["availableModes"], idField: "id", current: mode["currentModeId"] }),
      ...menu("model", {
        values: model["availableModels"],
        idField: "modelId",
        current: model["currentModelId"],
      }),
    };
    this.takeOptions(configOptions);
  }

  /** Takes all configuration options; anything but a list changes nothing. */
  takeOptions(configOptions: unknown): void {
    if (!Array.isArray(configOptions)) return;
    this.#options = { ...optionMenu(configOptions, "mode"), ...optionMenu(configOptions, "model") };
  }

  /** The agent changed its mode, or took a choice. */
  takeCurrent(chosen: Chosen, id: string): void {
    for (const menus of [this.#own, this.#options])
      if (menus[chosen]) menus[chosen] = { ...menus[chosen], current: id };
  }

  takeCommands(commands: readonly OfferedCommand[]): void {
    this.#commands = commands;
  }

  current(): AgentOffers {
    const [mode, model] = [this.#menu("mode"), this.#menu("model")];
    return {
      modes: mode?.choices ?? [],
      mode: mode?.current,
      models: model?.choices ?? [],
      model: model?.current,
      commands: this.#commands,
    };
  }

  /** How `id` is chosen; undefined: the agent lets nothing of the kind be chosen. */
  setter(chosen: Chosen, id: string): Setter | undefined {
    const found = this.#menu(chosen);
    if (!found) return undefined;
    if (found.optionId !== undefined)
      return { method: "session/set_config_option", params: { configId: found.optionId, value: id } };
    return chosen === "mode"
      ? { method: "session/set_mode", params: { modeId: id } }
      : { method: "session/set_model", params: { modelId: id } };
  }

  /** Modes have a request of their own; for models the configuration option is the newer way. */
  #menu(chosen: Chosen): Menu | undefined {
    return chosen === "mode"
      ? (this.#own.mode ?? this.#options.mode)
      : (this.#options.model ?? this.#own.model);
  }
}

function optionMenu(options: readonly unknown[], category: Chosen): Partial<Record<Chosen, Menu>> {
  const option = options
    .map(fieldsOf)
    .find((one) => one["category"] === category && one["type"] === "select");
  const optionId = textOf(option?.["id"]);
  if (option === undefined || optionId === undefined) return {};
  // Options may stand in groups.
  const values = itemsOf(option["options"]).flatMap((one) => {
    const grouped = itemsOf(fieldsOf(one)["options"]);
    return grouped.length > 0 ? grouped : [one];
  });
  return menu(category, { values, idField: "value", current: option["currentValue"], optionId });
}

/** Nothing where there is nothing to choose. */
function menu(
  chosen: Chosen,
  told: { values: unknown; idField: string; current: unknown; optionId?: string },
): Partial<Record<Chosen, Menu>> {
  const choices = itemsOf(told.values)
    .map(fieldsOf)
    .flatMap((one) => {
      const id = textOf(one[told.idField]);
      return id === undefined ? [] : [{ id, name: textOf(one["name"]) ?? id }];
    });
  if (choices.length === 0) return {};
  return { [chosen]: { choices, current: textOf(told.current), optionId: told.optionId } };
}
