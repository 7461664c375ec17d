// Config: every key with its help beside the file's own text; changes are gathered, shown as a diff, and only then made.
import { useSignal } from "@preact/signals";
import type { ConfigAnswer, ConfigEdit, ConfigKey } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { KeyField } from "../parts/config-field.tsx";
import { Review, type Wanted } from "../parts/config-review.tsx";
import { Empty, Failure, Waiting } from "../parts/notice.tsx";

/** The view. */
export function ConfigView() {
  const config = useAnswer("config", api.config, ["config"]);
  return (
    <div class="stack">
      {config.error.value !== undefined && <Failure error={config.error.value} />}
      {config.value.value === undefined ? (
        config.error.value === undefined && <Waiting />
      ) : (
        <Config config={config.value.value} onChanged={config.reload} />
      )}
    </div>
  );
}

function Config({ config, onChanged }: { readonly config: ConfigAnswer; readonly onChanged: () => void }) {
  const edits = useSignal<ReadonlyMap<string, ConfigEdit>>(new Map());
  const wanted = useSignal<Wanted | undefined>(undefined);
  const edit = (path: string, change: ConfigEdit | undefined): void => {
    const next = new Map(edits.peek());
    if (change === undefined) next.delete(path);
    else next.set(path, change);
    edits.value = next;
  };
  const count = edits.value.size;
  return (
    <>
      <div class="head">
        <h1>Config</h1>
        <div class="row">
          {count > 0 && (
            <button type="button" class="button" onClick={() => (edits.value = new Map())}>
              Discard
            </button>
          )}
          {config.canUndo && count === 0 && (
            <button type="button" class="button" onClick={() => (wanted.value = { undo: true })}>
              Undo the last change…
            </button>
          )}
          <button
            type="button"
            class="button"
            data-kind="main"
            aria-disabled={count === 0}
            onClick={() => count > 0 && (wanted.value = { edits: [...edits.peek().values()] })}
          >
            {count === 0 ? "No changes" : `Review ${count === 1 ? "1 change" : `${count} changes`}…`}
          </button>
        </div>
      </div>
      <Problems config={config} />
      <div class="config">
        <Keys keys={config.keys} edits={edits.value} edit={edit} />
        <section class="stack" aria-label="The file">
          <h2 class="text small muted">{config.file}</h2>
          <pre class="detail" tabIndex={0} aria-label="The file's text, secrets replaced">
            {config.exists ? config.text : "There is no file yet; everything has its default."}
          </pre>
        </section>
      </div>
      {wanted.value !== undefined && (
        <Review
          version={config.version}
          wanted={wanted.value}
          onClose={() => (wanted.value = undefined)}
          onMade={() => {
            wanted.value = undefined;
            edits.value = new Map();
            onChanged();
          }}
        />
      )}
    </>
  );
}

function Problems({ config }: { readonly config: ConfigAnswer }) {
  return (
    <>
      {config.problems.map(({ path, line, column, message, hint }, at) => (
        <div key={at} class="notice" data-tone="bad">
          <p class="text">
            {path === "" ? "" : `${path}: `}
            {message} (line {line}, column {column})
          </p>
          <p class="small text">{hint}</p>
        </div>
      ))}
      {config.warnings.map(({ path, message, hint }, at) => (
        <div key={at} class="notice">
          <p class="text">
            {path}: {message}
          </p>
          <p class="small text">{hint}</p>
        </div>
      ))}
    </>
  );
}

interface KeysProps {
  readonly keys: readonly ConfigKey[];
  readonly edits: ReadonlyMap<string, ConfigEdit>;
  readonly edit: (path: string, change: ConfigEdit | undefined) => void;
}

function Keys({ keys, edits, edit }: KeysProps) {
  const search = useSignal("");
  const words = search.value.toLowerCase().trim();
  const shown = keys.filter(({ path, help }) => `${path} ${help}`.toLowerCase().includes(words));
  const sections = Map.groupBy(shown, ({ path }) => sectionOf(path));
  return (
    <section class="stack" aria-label="Keys">
      <input
        type="search"
        class="field"
        data-search
        aria-label="Search keys"
        placeholder="Search keys"
        maxLength={200}
        onInput={(event) => (search.value = event.currentTarget.value)}
      />
      {shown.length === 0 && (
        <Empty title="No key found">Search for a part of its name or of what it does.</Empty>
      )}
      {[...sections].map(([section, of]) => (
        <details key={section} open={words !== "" || of.some(({ isSet, path }) => isSet || edits.has(path))}>
          <summary>
            <code>{section}</code>{" "}
            <span class="muted small">{of.filter(({ isSet }) => isSet).length} set</span>
          </summary>
          <ul class="stack">
            {of.map((key) => (
              <li key={key.path}>
                <KeyField
                  of={key}
                  change={edits.get(key.path)}
                  onChange={(change) => edit(key.path, change)}
                />
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

/** `channels.imessage` for `channels.imessage.dmPolicy`, `gateway` for `gateway.port`. */
function sectionOf(path: string): string {
  const [first = "", second] = path.split(".");
  return first === "channels" && second !== undefined ? `${first}.${second}` : first;
}
