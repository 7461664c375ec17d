// What every implementation of `Store` must do: each sentence of the ports' comments is a case.
import { describe } from "vitest";
import { describeInbox } from "./store-inbox.contract.ts";
import { describeBudget } from "./store-budget.contract.ts";
import { describeCommands } from "./store-commands.contract.ts";
import { describeContext } from "./store-context.contract.ts";
import { describeFacts } from "./store-facts.contract.ts";
import { describeGroups } from "./store-groups.contract.ts";
import { describeOutbox } from "./store-outbox.contract.ts";
import { describePage } from "./store-page.contract.ts";
import { describePairings } from "./store-pairings.contract.ts";
import { describeApprovals } from "./store-approvals.contract.ts";
import { describeRecords } from "./store-records.contract.ts";
import { describeSame } from "./store-same.contract.ts";
import { describeSay } from "./store-say.contract.ts";
import { describeSessions } from "./store-sessions.contract.ts";
import { describeWhole } from "./store-whole.contract.ts";
import { describeTurns } from "./store-turns.contract.ts";
import type { StateDatabase } from "./store-world.ts";

/** Runs the suite; `create` makes an empty state database. */
export function describeStore(name: string, create: () => Promise<StateDatabase>): void {
  describe(`${name}: store`, () => {
    describeInbox(create);
    describeFacts(create);
    describeGroups(create);
    describeTurns(create);
    describeSame(create);
    describeSay(create);
    describeSessions(create);
    describeContext(create);
    describeCommands(create);
    describeOutbox(create);
    describeBudget(create);
    describePairings(create);
    describeApprovals(create);
    describeRecords(create);
    describePage(create);
    describeWhole(create);
  });
}
