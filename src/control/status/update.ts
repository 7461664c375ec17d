// What is said when an update was installed under a running gateway.
import type { StatusWarning } from "./warnings.ts";

/** Another version, or another build of the same one, was installed. */
export function updateWarning(running: string, installed: string): StatusWarning {
  const isSame = installed === running;
  const what = isSame ? `Another build of CoderClaw ${installed}` : `CoderClaw ${installed}`;
  return {
    message: `${what} is installed; the gateway still runs ${isSame ? "the build it was started with" : running}`,
    hint: "Restart the gateway to use it: run `coderclaw service restart`, or stop it with Ctrl-C and start it again.",
  };
}
