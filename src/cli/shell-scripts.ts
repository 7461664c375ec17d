// Completion scripts for three shells, each from the same list of places and the words that may follow there.

/** A place on the command line. */
export interface Place {
  /** The command words before it, the program left out. */
  readonly path: readonly string[];
  readonly words: readonly { readonly word: string; readonly help: string }[];
  /** Asked of the program itself when it is completed. */
  readonly values: string | undefined;
}

/** Options whose value the program itself knows, and what it is asked for. */
const OPTION_VALUES = [["--account", "accounts"]] as const;

/** Prints values of a kind, one a line; nothing when that fails. */
function ask(kind: string): string {
  return `coderclaw completion --values ${kind} 2>/dev/null`;
}

/** For bash: a function that finds the place, then offers its words. */
export function renderBash(places: readonly Place[]): string {
  const cases = places.map(
    ({ path, words }) =>
      `    ${quote(path.join(" "))}) echo ${quote(words.map(({ word }) => word).join(" "))} ;;`,
  );
  const dynamic = places.flatMap(({ path, values }) =>
    values === undefined ? [] : [`    ${quote(path.join(" "))}) ${ask(values)} ;;`],
  );
  const options = OPTION_VALUES.map(
    ([option, kind]) => `  if [ "\${COMP_WORDS[COMP_CWORD-1]}" = ${option} ]; then
    COMPREPLY=($(compgen -W "$(${ask(kind)})" -- "$cur"))
    return
  fi`,
  );
  return `# bash completion of coderclaw
_coderclaw_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_coderclaw_values() {
  case "$1" in
${dynamic.join("\n")}
    *) ;;
  esac
}
_coderclaw() {
  local at="" next word cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  if [ "\${COMP_WORDS[COMP_CWORD-1]}" = --config ]; then
    COMPREPLY=($(compgen -f -- "$cur"))
    return
  fi
${options.join("\n")}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${at:+$at }$word"
    if _coderclaw_words "$next" >/dev/null; then at="$next"; fi
  done
  local values=""
  case "$cur" in -*) ;; *) values="$(_coderclaw_values "$at")" ;; esac
  COMPREPLY=($(compgen -W "$(_coderclaw_words "$at") $values" -- "$cur"))
}
complete -F _coderclaw coderclaw`;
}

/** For zsh: the same with what each word does. */
export function renderZsh(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => {
    const lines = words.map(({ word, help }) => quote(`${word.replaceAll(":", "\\:")}:${help}`));
    return `    ${quote(path.join(" "))}) reply=(${lines.join(" ")}) ;;`;
  });
  const dynamic = places.flatMap(({ path, values }) =>
    values === undefined ? [] : [`    ${quote(path.join(" "))}) values=(\${(f)"$(${ask(values)})"}) ;;`],
  );
  const options = OPTION_VALUES.map(
    ([option, kind]) => `  if [[ "$words[CURRENT-1]" = ${option} ]]; then
    values=(\${(f)"$(${ask(kind)})"})
    compadd -- $values
    return
  fi`,
  );
  return `#compdef coderclaw
_coderclaw_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_coderclaw() {
  local at="" word
  local -a reply values
  if [[ "$words[CURRENT-1]" = --config ]]; then
    _files
    return
  fi
${options.join("\n")}
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if _coderclaw_words "\${at:+$at }$word"; then at="\${at:+$at }$word"; fi
  done
  case "$at" in
${dynamic.join("\n")}
  esac
  (( $#values )) && compadd -- $values
  _coderclaw_words "$at"
  _describe command reply
}
compdef _coderclaw coderclaw`;
}

/** For fish: a function that tells the place, and one line a word. */
export function renderFish(places: readonly Place[]): string {
  const paths = places.map(({ path }) => quoteFish(path.join(" ")));
  const lines = places.flatMap(({ path, words }) =>
    words.map(({ word, help }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${quoteFish(word)}`;
      const takes = word === "--config" ? "-r -F" : "-f";
      const at = quoteFish(`test (__coderclaw_at) = ${quoteFish(path.join(" "))}`);
      return `complete -c coderclaw ${takes} -n ${at} ${what} -d ${quoteFish(help)}`;
    }),
  );
  const dynamic = places.flatMap(({ path, values }) =>
    values === undefined
      ? []
      : [
          `complete -c coderclaw -f -n ${quoteFish(`test (__coderclaw_at) = ${quoteFish(path.join(" "))}`)} -a ${quoteFish(`(${ask(values)})`)}`,
        ],
  );
  const options = OPTION_VALUES.map(
    ([option, kind]) => `complete -c coderclaw -x -l ${option.slice(2)} -a ${quoteFish(`(${ask(kind)})`)}`,
  );
  return `# fish completion of coderclaw
function __coderclaw_at
  set -l at ""
  for word in (commandline -opc)[2..]
    set -l next (string trim -- "$at $word")
    if contains -- $next ${paths.join(" ")}
      set at $next
    end
  end
  echo -- "$at"
end
complete -c coderclaw -f
${[...lines, ...dynamic, ...options].join("\n")}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function quoteFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
