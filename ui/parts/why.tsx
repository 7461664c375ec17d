// "Why?": the story of one message from the journal, step by step, as `coderclaw explain` tells it.
import { useSignal } from "@preact/signals";
import type { ExplainAnswer } from "../../src/server/api.ts";
import { useAnswer } from "../answer.ts";
import { api } from "../api.ts";
import { Dialog } from "./dialog.tsx";
import { Failure, Waiting } from "./notice.tsx";

/** The button, and the story it opens. */
export function Why({ guid, about }: { readonly guid: string; readonly about: string }) {
  const isOpen = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="button quiet"
        aria-label={`Why? About: ${about}`}
        onClick={() => (isOpen.value = true)}
      >
        Why?
      </button>
      {isOpen.value && <Story guid={guid} onClose={() => (isOpen.value = false)} />}
    </>
  );
}

function Story({ guid, onClose }: { readonly guid: string; readonly onClose: () => void }) {
  const story = useAnswer(`explain ${guid}`, async (signal) => api.explain(guid, signal), [
    "message",
    "turn",
    "outbox",
  ]);
  return (
    <Dialog title="What became of this message" onClose={onClose}>
      {story.error.value !== undefined && <Failure error={story.error.value} />}
      {story.value.value === undefined
        ? story.error.value === undefined && <Waiting />
        : story.value.value.messages.map((message, at) => <Steps key={at} message={message} />)}
    </Dialog>
  );
}

function Steps({ message }: { readonly message: ExplainAnswer["messages"][number] }) {
  const { steps, conclusion } = message;
  return (
    <>
      <p
        class="notice"
        data-tone={conclusion.verdict === "answered" || conclusion.verdict === "done" ? "plain" : undefined}
      >
        {conclude(conclusion)}
      </p>
      <ol class="steps">
        {steps.map((step, at) => (
          <li key={at} class="text small">
            {step.kind !== "check" && (
              <time dateTime={new Date(step.atMs).toISOString()}>
                {new Date(step.atMs).toLocaleTimeString()}
              </time>
            )}{" "}
            {step.text}
          </li>
        ))}
      </ol>
    </>
  );
}

function conclude({ verdict, because, fix }: ExplainAnswer["messages"][number]["conclusion"]): string {
  if (verdict === "answered") return "It was answered.";
  if (verdict === "done") return "It was carried out; there is nothing to answer.";
  const start = verdict === "pending" ? "It is not answered yet" : "It was not answered";
  const reason = because === undefined ? "" : `: ${because}`;
  return `${start}${reason}.${fix === undefined ? "" : ` ${fix}`}`;
}
