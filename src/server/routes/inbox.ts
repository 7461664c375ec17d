// What waits for the owner, and the owner's answers.
import type { Context } from "hono";
import { chooseAccount } from "../../control/accounts.ts";
import { answerApproval } from "../../control/approvals/answer.ts";
import { dropPart, retryPart } from "../../control/messages/outbox.ts";
import { hasOwner, readInbox } from "../../control/page/inbox.ts";
import { addOwner } from "../../control/pairing/owners.ts";
import { approvePairing, denyPairing } from "../../control/pairing/pairing.ts";
import type { CountAnswer, DoneAnswer, InboxAnswer } from "../api.ts";
import { GatewayError } from "../../model/errors.ts";
import type { Handle } from "../../model/handle.ts";
import { asId, type ApprovalId } from "../../model/ids.ts";
import { optionalText, readBody } from "../body.ts";
import { actorOf } from "../caller.ts";
import type { App, AppEnv, Serving } from "../serving.ts";

/** Adds the routes. */
export function addInboxRoutes(app: App, { running, now, surroundings }: Serving): void {
  const { store } = running;
  const place = () => ({ settings: running.settings(), store });
  const madeBy = (context: Context<AppEnv>) => ({ by: actorOf(context.get("caller")), nowMs: now() });

  app.get("/api/inbox", async (context) => context.json<InboxAnswer>(await readInbox(running, now())));

  app.get("/api/inbox/count", async (context) =>
    context.json<CountAnswer>({ waiting: await store.views.countWaiting(now()) }),
  );

  app.post("/api/approvals/:id/answer", async (context) => {
    // A program's token is not a person: an agent on this machine may be able to read it.
    if (context.get("caller").kind !== "browser") throw onlyPeople();
    const optionId = optionalText(await readBody(context), "optionId") ?? "";
    const id = asId<ApprovalId>(Number(context.req.param("id")));
    const pending = (await store.approvals.pending()).find((one) => one.id === id);
    const owners = running.settings().accounts.find((account) => account.id === pending?.accountId)?.owners;
    const decider = owners?.[0];
    if (pending !== undefined && decider === undefined) throw noOwner();
    const answer = {
      optionId,
      decider: decider ?? ("" as Handle),
      where: "on the control page",
      nowMs: now(),
    };
    const made = await answerApproval(store, id, answer);
    if (pending !== undefined) running.nudge(pending.accountId);
    return context.json<DoneAnswer>({ done: made.allowed ? "Allowed" : "Denied" });
  });

  app.post("/api/pairings/:code/approve", async (context) => {
    const body = await readBody(context);
    const { id: accountId } = chooseAccount(running.settings(), optionalText(body, "account"));
    if (body["owner"] === true && hasOwner(running.settings())) throw ownerThere();
    const choice = { ...madeBy(context), accountId };
    const { grant, answered } = await approvePairing(place(), context.req.param("code"), choice);
    running.nudge(accountId);
    if (body["owner"] === true) {
      await addOwner(grant.handle, running.settings(), surroundings.configPath);
      await surroundings.reload();
    }
    const held =
      answered === 0
        ? ""
        : `; ${answered === 1 ? "1 held message" : `${answered} held messages`} will be answered`;
    const done = `${grant.handle} is let in${body["owner"] === true ? " as an owner" : ""}${held}`;
    return context.json<DoneAnswer>({ done });
  });
  app.post("/api/pairings/:code/deny", async (context) => {
    const body = await readBody(context);
    const { id: accountId } = chooseAccount(running.settings(), optionalText(body, "account"));
    const denied = await denyPairing(place(), context.req.param("code"), { ...madeBy(context), accountId });
    return context.json<DoneAnswer>({ done: `${denied.handle} is refused; they are not told` });
  });
  for (const [path, change, what] of [
    ["retry", retryPart, "is sent again"],
    ["drop", dropPart, "is given up"],
  ] as const)
    app.post(`/api/outbox/:id/${path}`, async (context) => {
      const part = await change(store, context.req.param("id") ?? "", madeBy(context));
      running.nudge(part.accountId);
      return context.json<DoneAnswer>({ done: `Message ${part.id} ${what}` });
    });
}

function onlyPeople(): GatewayError {
  return new GatewayError(
    "config/protected",
    "Only a person who is signed in to the control page can answer an agent's question.",
    {
      hint: "Open the page with `coderclaw page`, or answer the question in Messages.",
    },
  );
}

function noOwner(): GatewayError {
  return new GatewayError(
    "config/protected",
    "There is no owner, so nobody can answer an agent's question.",
    {
      hint: "Name one with `coderclaw pairing owner imessage +14155550123`.",
    },
  );
}

/** Whoever stole a browser's cookie must not be able to stay. */
function ownerThere(): GatewayError {
  return new GatewayError(
    "config/protected",
    "There is an owner already, and the page makes no second one.",
    {
      hint: "Let them in without that, then run `coderclaw pairing owner` on the gateway's machine.",
    },
  );
}
