// One card of the inbox: a question of an agent, a stranger, a message that could not be sent, or something that does not work.
import type { ApprovalItem, InboxItem, PairingItem, ParkedItem, WarningItem } from "../../src/server/api.ts";
import { api } from "../api.ts";
import { hrefOf } from "../route.ts";
import { Action } from "./action.tsx";
import { Ago } from "./ago.tsx";
import { Clipped, renderBytes } from "./clipped.tsx";
import { Confirm } from "./confirm.tsx";
import { Detail } from "./diff.tsx";
import { State } from "./state.tsx";

/** The card. `isWaiting`: false once it is settled, here or elsewhere. */
export function ItemCard({ item, isWaiting }: { readonly item: InboxItem; readonly isWaiting: boolean }) {
  return (
    <article class="card stack" tabIndex={-1} data-settled={!isWaiting} aria-label={labelOf(item)}>
      <Content item={item} isWaiting={isWaiting} />
      {!isWaiting && (
        <p class="muted" role="status">
          This is settled.
        </p>
      )}
    </article>
  );
}

function labelOf(item: InboxItem): string {
  switch (item.kind) {
    case "approval":
      return `Question from ${item.agentId}: ${item.title}`;
    case "pairing":
      return `${item.handle} asks for access`;
    case "parked":
      return `A message to ${item.to} was not sent`;
    case "warning":
      return item.message;
  }
}

function Content({ item, isWaiting }: { readonly item: InboxItem; readonly isWaiting: boolean }) {
  switch (item.kind) {
    case "approval":
      return <Approval item={item} isWaiting={isWaiting} />;
    case "pairing":
      return <Pairing item={item} isWaiting={isWaiting} />;
    case "parked":
      return <Parked item={item} isWaiting={isWaiting} />;
    case "warning":
      return <Warning item={item} />;
  }
}

interface Props<T> {
  readonly item: T;
  readonly isWaiting: boolean;
}

function Approval({ item, isWaiting }: Props<ApprovalItem>) {
  const { approvalId, agentId, accountId, conversationId, onBehalfOf, title, detail, detailChars, options } =
    item;
  return (
    <>
      <div class="head">
        <h2 class="text">{title}</h2>
        <State tone="warn">question</State>
      </div>
      <p class="small muted text">
        {agentId}
        {onBehalfOf !== undefined && `, on behalf of ${onBehalfOf}`} ·{" "}
        <a href={hrefOf("conversations", conversationId)}>conversation</a> · asked{" "}
        <Ago atMs={item.askedAtMs} /> · denied <Ago atMs={item.expiresAtMs} /> without an answer · {accountId}
      </p>
      {detail !== "" && <Detail text={detail} />}
      {detailChars > detail.length && (
        <p class="small muted">
          {(detailChars - detail.length).toLocaleString()} more characters. Reply “more” in the chat to read
          them all.
        </p>
      )}
      {isWaiting && (
        <div class="row">
          {options.map(({ id, label, kind }) => (
            <Action
              key={id}
              {...(kind === "allow_once"
                ? { kind: "main" as const }
                : kind.startsWith("reject")
                  ? { kind: "danger" as const }
                  : {})}
              label={`${label}: ${title}`}
              run={async () => api.answerApproval(approvalId, id)}
            >
              {label}
            </Action>
          ))}
        </div>
      )}
    </>
  );
}

function Pairing({ item, isWaiting }: Props<PairingItem>) {
  const { accountId, handle, code, heldMessages, firstText, canBeOwner } = item;
  return (
    <>
      <div class="head">
        <h2 class="text">{handle}</h2>
        <State tone="warn">asks for access</State>
      </div>
      {firstText !== undefined && <blockquote class="text">{firstText}</blockquote>}
      <p class="small muted">
        Code {code} · asked <Ago atMs={item.createdAtMs} /> · ends <Ago atMs={item.expiresAtMs} /> ·{" "}
        {heldMessages === 1 ? "1 message waits" : `${heldMessages} messages wait`} · {accountId}
      </p>
      {isWaiting && (
        <div class="row">
          <Action
            kind="main"
            label={`Allow ${handle}`}
            run={async () => api.approvePairing(accountId, code, false)}
          >
            Allow
          </Action>
          {canBeOwner && (
            <Confirm
              question={`Make ${handle} an owner?`}
              explanation="An owner answers what agents ask, and can change the config from chat. Only do this for your own number."
              verb="Make an owner"
              run={async () => api.approvePairing(accountId, code, true)}
            >
              Allow as owner…
            </Confirm>
          )}
          <Action kind="danger" label={`Deny ${handle}`} run={async () => api.denyPairing(accountId, code)}>
            Deny
          </Action>
        </div>
      )}
    </>
  );
}

function Parked({ item, isWaiting }: Props<ParkedItem>) {
  const { partId, to, text, textChars, file, reason, attempts, conversationId } = item;
  return (
    <>
      <div class="head">
        <h2 class="text">Not sent to {to}</h2>
        <State tone="bad">parked</State>
      </div>
      <p class="text">
        {file === undefined ? (
          <Clipped text={text} chars={textChars} />
        ) : (
          `${file.name} (${renderBytes(file.bytes)})`
        )}
      </p>
      <p class="small muted text">
        {reason} · tried {attempts === 1 ? "once" : `${attempts} times`} · written{" "}
        <Ago atMs={item.createdAtMs} />
        {conversationId !== undefined && (
          <>
            {" "}
            · <a href={hrefOf("conversations", conversationId)}>conversation</a>
          </>
        )}
      </p>
      {isWaiting && (
        <div class="row">
          <Action kind="main" label={`Try again to send to ${to}`} run={async () => api.retryPart(partId)}>
            Try again
          </Action>
          <Confirm
            question="Drop this message?"
            explanation="It will not be sent. Nothing else is changed."
            verb="Drop it"
            label={`Drop the message to ${to}`}
            run={async () => api.dropPart(partId)}
          >
            Drop…
          </Confirm>
        </div>
      )}
    </>
  );
}

function Warning({ item }: { readonly item: WarningItem }) {
  const { severity, where, message, fix } = item;
  return (
    <>
      <div class="head">
        <h2 class="text">{message}</h2>
        <State tone={severity === "broken" ? "bad" : "warn"}>{severity}</State>
      </div>
      <p class="text">{fix}</p>
      {where !== undefined && <p class="small muted text">{where}</p>}
    </>
  );
}
