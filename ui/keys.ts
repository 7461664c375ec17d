// Single keys: `/` searches, `g` and a letter goes to a view, `?` lists them. They never act while somebody types, and can be switched off.
import { signal } from "@preact/signals";
import { go, type ViewName } from "./route.ts";

/** The second key after `g`. */
export const VIEW_KEYS: Readonly<Record<string, ViewName>> = {
  h: "home",
  i: "inbox",
  c: "conversations",
  a: "agents",
  s: "config",
  l: "activity",
};

const STORED = "coderclaw-keys";

/** Whether single keys act; kept in this browser. */
export const keysAct = signal(readStored());

/** The list of keys is shown. */
export const keysShown = signal(false);

/** Switches single keys on or off, from now on. */
export function setKeysAct(act: boolean): void {
  keysAct.value = act;
  try {
    localStorage.setItem(STORED, act ? "on" : "off");
  } catch {
    // A browser that keeps nothing: it lasts until the page is closed.
  }
}

/** Listens from now on. */
export function startKeys(): void {
  let isAfterG = false;
  addEventListener("keydown", (event) => {
    if (!keysAct.peek() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const view = isAfterG ? VIEW_KEYS[event.key] : undefined;
    isAfterG = event.key === "g";
    if (view !== undefined) go(view);
    else if (event.key === "?") keysShown.value = true;
    else if (event.key === "/") {
      const search = document.querySelector<HTMLInputElement>("[data-search]");
      if (search === null) return;
      search.focus();
      event.preventDefault();
    }
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

function readStored(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}
