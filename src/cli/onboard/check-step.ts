// Step 2, "Can it read and send?": the probe, one line a check, with the fix beside what failed and a second try.
import { findControl } from "../../gateway/open-state.ts";
import { probe } from "../read-report.ts";
import { oneLine } from "../table.ts";
import type { Onboarding, StepResult } from "./onboarding.ts";

const STEP = "check";

/** Probes until everything is well, or the person goes on or stops. */
export async function checkMac({ interview, options }: Onboarding): Promise<StepResult> {
  interview.step("Can it read and send?");
  for (;;) {
    const probes = await interview.working("Checking", async () =>
      probe(await findControl(options), undefined),
    );
    const verdicts = probes.flatMap((one) => one.verdicts);
    for (const { check, ok, detail, fix } of verdicts)
      interview.say(
        oneLine(`${ok ? "ok    " : "FAILED"} ${check}: ${detail}`) +
          (fix === undefined ? "" : `\n       ${oneLine(fix)}`),
      );
    const failed = verdicts.filter(({ ok }) => !ok);
    if (probes.length > 0 && failed.length === 0)
      return { step: STEP, state: "done", detail: `${verdicts.length} checks passed` };
    const detail = failed.map(({ check }) => check).join(", ") || "no account";
    if (!interview.isInteractive) return { step: STEP, state: "failed", detail };
    const next = await interview.choose<"again" | "on">({
      message: "Some checks failed. What now?",
      option: "--yes",
      answered: undefined,
      choices: [
        { value: "again", label: "Check again", hint: "after fixing it" },
        { value: "on", label: "Go on anyway", hint: "messages may not be read or sent" },
      ],
    });
    if (next === "on") return { step: STEP, state: "failed", detail };
  }
}
