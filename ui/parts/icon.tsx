// The page's icons, drawn by hand; each stands beside a word and says nothing by itself.
import type { ViewName } from "../route.ts";

const PATHS: Readonly<Record<ViewName | "devices", string>> = {
  home: "M4 11.5 12 5l8 6.5M6 10v9h4.5v-5h3v5H18v-9",
  inbox: "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1 2.5h4L15 13h5",
  conversations: "M4 5h16v11H9l-5 4zM8 9h8M8 12h5",
  agents: "M7 9h10v9H7zM12 9V5.5M10 5h4M10 13v.5M14 13v.5M4 12v3M20 12v3",
  config: "M4 7h10M18 7h2M4 17h2M10 17h10M14 5v4M6 15v4",
  activity: "M4 13h4l2-7 4 12 2-5h4",
  devices: "M4 5h11v9H4zM2.5 17.5H13M16 9h5v10h-5z",
};

/** An icon by its name. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

const MARK = {
  ground: "#0b6e63",
  claws: "M9 8c-1 5 1 8 5 9-3 1-5 4-5 7M23 8c1 5-1 8-5 9 3 1 5 4 5 7",
};

/** The product's mark. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill={MARK.ground} />
      <path d={MARK.claws} fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" />
    </svg>
  );
}

/** The same as the icon of the tab: made here, so that it is no request of its own. */
export function setTabIcon(): void {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${MARK.ground}"/><path d="${MARK.claws}" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`;
  const link = document.createElement("link");
  link.rel = "icon";
  link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  document.head.append(link);
}
