// `/new`, `/reset` and `/stop`: what is remembered, and what is under way. The store does it; this says so.
import type { CommandAnswer } from "../../model/command.ts";
import type { Asked } from "./answer.ts";

/** What Messages puts where a file stands. */
const FILE_MARK = "\uFFFC";

/** `/new [TEXT]`, `/reset [TEXT]`: TEXT is the first message of the new session, and its answer is the reply. */
export function reset({ command }: Asked): CommandAnswer {
  // A file is a message without words, too.
  const first = command.command.args || (command.message.attachments.length > 0 ? FILE_MARK : "");
  return {
    effect: { kind: "reset", first },
    reply: () => (first === "" ? "New session: what was said before is forgotten." : ""),
  };
}

/** `/stop`. */
export function stop(): CommandAnswer {
  return {
    effect: { kind: "stop" },
    reply: ({ stopped, dropped }) => {
      if (stopped === undefined && dropped === 0) return "Nothing was running.";
      const what = stopped === undefined ? "Nothing was running" : "Stopped";
      return dropped === 0 ? `${what}.` : `${what}; ${count(dropped)} will not be answered.`;
    },
  };
}

function count(dropped: number): string {
  return dropped === 1 ? "1 waiting message" : `${dropped} waiting messages`;
}
