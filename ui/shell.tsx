// The frame around every view: navigation, the one calm line about the gateway, and where a view comes to stand.
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { connection, newerVersion, waiting } from "./live.ts";
import { hrefOf, route, VIEWS, type ViewName } from "./route.ts";
import { Icon, Mark } from "./parts/icon.tsx";
import { Devices } from "./parts/devices.tsx";
import { KeysHelp } from "./parts/keys-help.tsx";
import { ActivityView } from "./views/activity.tsx";
import { AgentsView } from "./views/agents.tsx";
import { ConfigView } from "./views/config.tsx";
import { ConversationsView } from "./views/conversations.tsx";
import { HomeView } from "./views/home.tsx";
import { InboxView } from "./views/inbox.tsx";

const NAMES: Readonly<Record<ViewName, { readonly wide: string; readonly narrow: string }>> = {
  home: { wide: "Home", narrow: "Home" },
  inbox: { wide: "Inbox", narrow: "Inbox" },
  conversations: { wide: "Conversations", narrow: "Chats" },
  agents: { wide: "Agents", narrow: "Agents" },
  config: { wide: "Config", narrow: "Config" },
  activity: { wide: "Activity", narrow: "Activity" },
};

/** The views, each in a file of its own. */
const SHOWN: Readonly<Record<ViewName, ComponentType>> = {
  home: HomeView,
  inbox: InboxView,
  conversations: ConversationsView,
  agents: AgentsView,
  config: ConfigView,
  activity: ActivityView,
};

/** All of it. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const { view } = route.value;
  const View = SHOWN[view];
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
      <KeysHelp />
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
        <Mark />
        <span>CoderClaw</span>
      </p>
      <ul>
        {VIEWS.map((view) => (
          <li key={view}>
            <a class="nav-link" href={hrefOf(view)} aria-current={view === current ? "page" : undefined}>
              <Icon name={view} />
              <span class="wide">{NAMES[view].wide}</span>
              <span class="narrow">{NAMES[view].narrow}</span>
              {view === "inbox" && <Badge />}
            </a>
          </li>
        ))}
        <li class="nav-end">
          <Devices />
        </li>
      </ul>
    </nav>
  );
}

/** How much waits for the owner. */
function Badge() {
  const count = waiting.value;
  if (count === 0) return null;
  return (
    <span class="badge">
      {count > 99 ? "99+" : count}
      <span class="hidden"> waiting</span>
    </span>
  );
}
