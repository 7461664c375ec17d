// `/page`: a link to the control page for the owner's phone, where the page can be reached from elsewhere.
import type { CommandAnswer } from "../../model/command.ts";
import { LINK_LIFETIME_MS, makePageCode, texted } from "../page/link.ts";
import { say, type Asked } from "./answer.ts";

const HOW = [
  "Your control page can only be reached on the gateway's machine: run `coderclaw page` there.",
  "To open it on your phone, give it an address, such as by Tailscale Serve, then run: coderclaw page allow URL",
].join("\n");

/** `/page`. */
export async function page({ running, settings, command, nowMs }: Asked): Promise<CommandAnswer> {
  const [first] = settings.gateway.publicUrls;
  if (first === undefined) return { ...say(HOW), isPrivate: true };
  const linkFrom = `chat ${command.handle}`;
  const { code } = await makePageCode(running.store, { linkFrom, nowMs });
  const minutes = LINK_LIFETIME_MS / 60_000;
  return {
    ...say(`Your control page, once, within ${minutes} minutes:\n${texted(first.href, code)}`),
    isPrivate: true,
  };
}
