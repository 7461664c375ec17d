// One key of the config: its name, what it does, and a control that fits what it takes.
import { useId } from "preact/hooks";
import type { ConfigEdit, ConfigKey } from "../../src/server/api.ts";
import { State } from "./state.tsx";

interface FieldProps {
  readonly of: ConfigKey;
  /** What is to be changed; undefined: nothing. */
  readonly change: ConfigEdit | undefined;
  readonly onChange: (change: ConfigEdit | undefined) => void;
}

/** The key. */
export function KeyField({ of, change, onChange }: FieldProps) {
  const { path, help, isSet, defaultText, locked } = of;
  const id = useId();
  const isRemoved = change !== undefined && change.value === undefined;
  return (
    <div class="key">
      <div class="head">
        <label for={id}>
          <code class="text">{path}</code>
        </label>
        <span class="row small">
          {change !== undefined && <State tone="warn">changed</State>}
          {isSet && change === undefined && <State tone="plain">set</State>}
        </span>
      </div>
      <p class="small muted text">
        {help.replaceAll("`", "")}
        {!isSet && defaultText !== undefined && ` (now: ${defaultText})`}
      </p>
      {locked === undefined ? (
        <div class="row">
          {isRemoved ? (
            <span class="muted">will be removed</span>
          ) : (
            <Control id={id} of={of} change={change} onChange={onChange} />
          )}
          {isSet && !isRemoved && (
            <button
              type="button"
              class="button quiet"
              aria-label={`Remove ${path}`}
              onClick={() => onChange({ path })}
            >
              Remove
            </button>
          )}
          {change !== undefined && (
            <button
              type="button"
              class="button quiet"
              aria-label={`Keep ${path} as it is`}
              onClick={() => onChange(undefined)}
            >
              Keep
            </button>
          )}
        </div>
      ) : (
        <p class="small text" id={id}>
          <code>{render(of)}</code> {locked}
        </p>
      )}
    </div>
  );
}

interface ControlProps extends FieldProps {
  readonly id: string;
}

function Control({ id, of, change, onChange }: ControlProps) {
  const { path, input, value } = of;
  const set = (text: string): void => onChange({ path, value: text });
  switch (input.kind) {
    case "switch":
      return (
        <input
          id={id}
          type="checkbox"
          class="check"
          checked={change === undefined ? value === true : change.value === "true"}
          onChange={(event) => set(String(event.currentTarget.checked))}
        />
      );
    case "choice":
      return (
        <select
          id={id}
          class="field"
          value={change?.value ?? render(of)}
          onChange={(event) => set(event.currentTarget.value)}
        >
          {value === undefined && change === undefined && <option value="">not set</option>}
          {input.options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      );
    case "number":
      return (
        <input
          id={id}
          type="number"
          class="field"
          {...(input.least !== undefined && { min: input.least })}
          {...(input.most !== undefined && { max: input.most })}
          value={change?.value ?? render(of)}
          onChange={(event) => event.currentTarget.value !== "" && set(event.currentTarget.value)}
        />
      );
    case "text":
      return (
        <input
          id={id}
          class="field"
          maxLength={4000}
          value={change?.value ?? render(of)}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    case "texts":
      return (
        <textarea
          id={id}
          class="field"
          rows={3}
          placeholder="One a line"
          value={change === undefined ? linesOf(value) : linesOf(JSON.parse(change.value ?? "[]"))}
          onChange={(event) =>
            set(
              JSON.stringify(
                event.currentTarget.value
                  .split("\n")
                  .map((line) => line.trim())
                  .filter((line) => line !== ""),
              ),
            )
          }
        />
      );
    case "json":
      return (
        <textarea
          id={id}
          class="field code"
          rows={4}
          spellcheck={false}
          value={change?.value ?? render(of)}
          onChange={(event) => event.currentTarget.value.trim() !== "" && set(event.currentTarget.value)}
        />
      );
  }
}

function linesOf(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join("\n") : "";
}

function render({ value, input }: ConfigKey): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string" && input.kind !== "json") return value;
  return JSON.stringify(value, null, 2);
}
