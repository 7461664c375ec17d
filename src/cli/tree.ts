// The commands there are: name and summary here, the rest in one file each, loaded when it is asked for.
import type { Register } from "./cli.ts";

/** A command of the first level. */
export interface Branch {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ register: Register }>;
}

/** In the order of the help. */
export const BRANCHES: readonly Branch[] = [
  {
    name: "gateway",
    summary: "run the gateway",
    load: async () => import("./gateway.ts"),
  },
  {
    name: "onboard",
    summary: "set everything up, one question at a time",
    load: async () => import("./onboard.ts"),
  },
  {
    name: "status",
    summary: "show where things stand, and the next step",
    load: async () => import("./status.ts"),
  },
  {
    name: "service",
    summary: "keep the gateway running in the background: install, start, stop, status, logs",
    load: async () => import("./service.ts"),
  },
  {
    name: "page",
    summary: "open the control page",
    load: async () => import("./page.ts"),
  },
  {
    name: "channels",
    summary: "accounts, their health and what is wrong with them",
    load: async () => import("./channels.ts"),
  },
  {
    name: "doctor",
    summary: "everything that is wrong, worst first, each with its fix",
    load: async () => import("./doctor.ts"),
  },
  {
    name: "agents",
    summary: "who answers: add, list, test, remove",
    load: async () => import("./agents.ts"),
  },
  {
    name: "pairing",
    summary: "strangers who ask for access: list, approve, deny, revoke",
    load: async () => import("./pairing.ts"),
  },
  {
    name: "config",
    summary: "the config file: path, get, set, unset, undo, validate, schema",
    load: async () => import("./config.ts"),
  },
  {
    name: "message",
    summary: "send a message by hand",
    load: async () => import("./message.ts"),
  },
  {
    name: "chats",
    summary: "chats of an account, with their ids",
    load: async () => import("./chats.ts"),
  },
  {
    name: "conversations",
    summary: "who writes with the agents: list, show, stop, mute, unmute, new-session",
    load: async () => import("./conversations.ts"),
  },
  {
    name: "log",
    summary: "every message with what was decided about it; --follow goes on",
    load: async () => import("./log.ts"),
  },
  {
    name: "activity",
    summary: "who allowed what, config changes, sign-ins, failures",
    load: async () => import("./activity.ts"),
  },
  {
    name: "explain",
    summary: "why a message was or was not answered",
    load: async () => import("./explain.ts"),
  },
  {
    name: "policy",
    summary: "what would be done about a message, without doing it",
    load: async () => import("./policy.ts"),
  },
  {
    name: "outbox",
    summary: "messages on their way out: list, retry, drop",
    load: async () => import("./outbox.ts"),
  },
  {
    name: "sessions",
    summary: "what agents remember: list, show, reset, export",
    load: async () => import("./sessions.ts"),
  },
  {
    name: "approvals",
    summary: "what agents asked for: list, standing, forget",
    load: async () => import("./approvals.ts"),
  },
  {
    name: "backup",
    summary: "save messages, pairings and config to one file",
    load: async () => import("./backup.ts"),
  },
  {
    name: "restore",
    summary: "bring a backup back",
    load: async () => import("./restore.ts"),
  },
  {
    name: "update",
    summary: "show the newest version, what changed, and how to get it",
    load: async () => import("./update.ts"),
  },
  {
    name: "uninstall",
    summary: "remove the service, and show how to remove the rest",
    load: async () => import("./uninstall.ts"),
  },
  {
    name: "demo",
    summary: "try everything without a Mac, in a throw-away folder",
    load: async () => import("./demo.ts"),
  },
  {
    name: "completion",
    summary: "completion script for a shell",
    load: async () => import("./completion.ts"),
  },
];

/** Words people know from other programs, and the command each stands for here. */
export const FAMILIAR: ReadonlyMap<string, readonly string[]> = new Map([
  ["start", ["service", "start"]],
  ["stop", ["service", "stop"]],
  ["restart", ["service", "restart"]],
  ["logs", ["service", "logs"]],
  ["setup", ["onboard"]],
  ["init", ["onboard"]],
  ["install", ["onboard"]],
  ["upgrade", ["update"]],
  ["version", ["--version"]],
]);
