// Which view is shown, by the fragment of the address: `#/conversations/12`.
import { signal } from "@preact/signals";

/** The views there are. */
export const VIEWS = ["home", "inbox", "conversations", "agents", "config", "activity"] as const;
export type ViewName = (typeof VIEWS)[number];

/** A view, and what of it. */
export interface Route {
  readonly view: ViewName;
  /** What follows, decoded: `["12"]`. */
  readonly rest: readonly string[];
}

/** The route of now. */
export const route = signal<Route>(parseRoute(location.hash));

/** The address of a view, for links. */
export function hrefOf(view: ViewName, ...rest: readonly (string | number)[]): string {
  return `#/${[view, ...rest.map((part) => encodeURIComponent(part))].join("/")}`;
}

/** Shows a view. */
export function go(view: ViewName, ...rest: readonly (string | number)[]): void {
  location.hash = hrefOf(view, ...rest);
}

/** Reads a fragment; whatever it is, there is a view for it. */
export function parseRoute(hash: string): Route {
  const [name = "", ...rest] = hash.replace(/^#\/?/, "").split("/");
  const view = VIEWS.find((one) => one === name) ?? "home";
  return { view, rest: rest.map(decode) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Follows the address from now on. */
export function followAddress(): void {
  addEventListener("hashchange", () => {
    route.value = parseRoute(location.hash);
  });
}
