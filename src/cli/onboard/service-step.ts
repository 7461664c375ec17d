// Step 6, "Keep it running": the service, or the foreground command where this machine has no service manager.
import { toGatewayError } from "../../model/errors.ts";
import { installService } from "../service.ts";
import { cliWithin, type Onboarding, type StepResult } from "./onboarding.ts";

const STEP = "service";

/** Offers to install the service. */
export async function keepRunning(onboarding: Onboarding): Promise<StepResult> {
  const { interview, options } = onboarding;
  interview.step("Keep it running");
  const wanted = await interview.confirm({
    message: "Run it in the background, and start it again after a crash or a reboot?",
    initial: true,
    option: "--service or --no-service",
    answered: options.service,
  });
  if (!wanted) return { step: STEP, state: "skipped", detail: "start it with `coderclaw gateway`" };
  try {
    await installService(cliWithin(onboarding), { config: options.config, yes: true });
    return { step: STEP, state: "done", detail: "it runs in the background" };
  } catch (thrown) {
    const { code, message, hint } = toGatewayError(thrown);
    if (!code.startsWith("service/")) throw thrown;
    interview.say(`${message}\n${hint}`);
    // Asked for by name, it has to work; offered, it may be impossible here.
    return {
      step: STEP,
      state: options.service === true || code !== "service/no-manager" ? "failed" : "skipped",
      detail: message,
    };
  }
}
