// Opens the state database: every port of the store over one connection.
import { randomUUID } from "node:crypto";
import type { Clock } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import { ActivityRows, SqliteActivity } from "./activity.ts";
import { SqliteAgentSessions } from "./agent-sessions.ts";
import { SqliteCommands } from "./commands.ts";
import { SqliteConversationActs } from "./conversation-acts.ts";
import { Conversations } from "./conversations.ts";
import { Facts } from "./facts.ts";
import { watchForeignChanges } from "./foreign-changes.ts";
import { SqliteInbox } from "./inbox.ts";
import { SqliteOutbox } from "./outbox.ts";
import { SqlitePageSessions } from "./page-sessions.ts";
import { SqlitePairings } from "./pairings.ts";
import { Parts } from "./parts.ts";
import { ApprovalRows } from "./approval-rows.ts";
import { SqliteApprovals } from "./approvals.ts";
import { SqliteProcesses } from "./processes.ts";
import { SqliteRecords } from "./records.ts";
import { SendBudget } from "./send-budget.ts";
import { ShownApprovals } from "./shown-approvals.ts";
import { SessionRows, SqliteSessions } from "./sessions.ts";
import { openDatabase } from "./sqlite.ts";
import { Stops } from "./stops.ts";
import { TurnMessages } from "./turn-messages.ts";
import { SqliteTurns } from "./turns.ts";
import { Verdicts } from "./verdicts.ts";
import { SqliteViews } from "./views.ts";

/** Where the state database is. */
export interface StoreOptions {
  /** Absolute path of the file. It is made with mode 0600, a missing folder with 0700. */
  readonly path: string;
  /** For moments that no verb is given. */
  readonly clock: Clock;
}

/**
 * Opens a state database; other processes may have it open too.
 *
 * Contract: rejects with `store/newer` or `store/unusable`. A turn begun by one open store counts as interrupted for every other.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const db = await openDatabase(options.path);
  const conversations = new Conversations(db);
  const parts = new Parts(db, conversations);
  const approvals = new ApprovalRows(db, parts);
  const shown = new ShownApprovals(db);
  const verdicts = new Verdicts(db, conversations, { parts, approvals });
  const facts = new Facts(db, conversations, shown);
  const sessions = new SessionRows(db);
  const activity = new ActivityRows(db);
  const turnMessages = new TurnMessages(db);
  const budget = new SendBudget(db);
  const stops = new Stops(db, { turnMessages, approvals, verdicts });
  const instance = randomUUID();
  const changes = watchForeignChanges(db);
  return {
    inbox: new SqliteInbox({ db, clock: options.clock, conversations, facts, verdicts }),
    turns: new SqliteTurns({ db, activity, parts, approvals, sessions, turnMessages, instance }),
    commands: new SqliteCommands({
      db,
      conversations,
      parts,
      sessions,
      stops,
      instance,
    }),
    outbox: new SqliteOutbox(db, { parts, budget, activity }),
    sessions: new SqliteSessions(db, sessions, approvals),
    agentSessions: new SqliteAgentSessions(db),
    pairings: new SqlitePairings({ db, conversations, parts, verdicts, activity }),
    approvals: new SqliteApprovals({ db, rows: approvals, parts }),
    records: new SqliteRecords({ db, conversations, facts, approvals, budget }),
    processes: new SqliteProcesses(db),
    pageSessions: new SqlitePageSessions(db, activity),
    views: new SqliteViews(db, approvals),
    conversationActs: new SqliteConversationActs(db, { conversations, stops, activity }),
    activity: new SqliteActivity(db, activity),
    onForeignChange: (listener) => changes.add(listener),
    close: async () => {
      changes.close();
      await db.close();
    },
  };
}
