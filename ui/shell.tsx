// The frame around every view: navigation, the one calm line about the gateway, and where a view comes to stand.
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { connection, newerVersion } from "./live.ts";
import { hrefOf, route, VIEWS, type ViewName } from "./route.ts";
import { Icon } from "./parts/icon.tsx";
import { HomeView } from "./views/home.tsx";

const NAMES: Readonly<Record<ViewName, { readonly wide: string; readonly narrow: string }>> = {
  home: { wide: "Home", narrow: "Home" },
  inbox: { wide: "Inbox", narrow: "Inbox" },
  conversations: { wide: "Conversations", narrow: "Chats" },
  agents: { wide: "Agents", narrow: "Agents" },
  config: { wide: "Config", narrow: "Config" },
  activity: { wide: "Activity", narrow: "Activity" },
};

/** The views, each in a file of its own. */
const SHOWN: Readonly<Partial<Record<ViewName, ComponentType>>> = { home: HomeView };

/** All of it. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const { view } = route.value;
  const View = SHOWN[view] ?? HomeView;
  useEffect(() => {
    document.title = `${NAMES[view].wide} – CoderClaw`;
  }, [view]);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <CalmLine />
      <Navigation current={view} />
      <main class="main" id="main" tabIndex={-1} ref={main}>
        <View />
      </main>
    </div>
  );
}

function CalmLine() {
  const text =
    connection.value === "lost"
      ? "The gateway does not answer right now. Trying again…"
      : newerVersion.value === undefined
        ? undefined
        : `The gateway was updated to ${newerVersion.value}. Reload this page to use it.`;
  return (
    <p class={text === undefined ? "hidden" : "calm-line"} role="status">
      {text}
    </p>
  );
}

function Navigation({ current }: { readonly current: ViewName }) {
  return (
    <nav class="nav" aria-label="Views">
      <p class="brand">
        <img src="./icon.svg" alt="" />
        <span>CoderClaw</span>
      </p>
      <ul>
        {VIEWS.filter((view) => view in SHOWN).map((view) => (
          <li key={view}>
            <a class="nav-link" href={hrefOf(view)} aria-current={view === current ? "page" : undefined}>
              <Icon name={view} />
              <span class="wide">{NAMES[view].wide}</span>
              <span class="narrow">{NAMES[view].narrow}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
