// Step 1, "Where is Messages?": this Mac, another one over SSH, or none yet (the stand-in); written into the config.
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { homedir, platform } from "node:os";
import { join } from "node:path";
import { readSearchPath } from "../../gateway/open-state.ts";
import { GatewayError } from "../../model/errors.ts";
import { findProgram } from "../../control/agents/prepare.ts";
import { runToEnd } from "../demo/programs.ts";
import { findPrograms, launcher, writeProgram } from "../own-programs.ts";
import { currentConfig, writeKey, type Onboarding, type StepResult } from "./onboarding.ts";

const STEP = "mac";
const IMSG_PAGE = "https://github.com/openclaw/imsg";

type Place = "keep" | "this" | "ssh" | "none";

/** Asks, and writes `channels.imessage`. */
export async function chooseMac(onboarding: Onboarding): Promise<StepResult> {
  const { interview, options } = onboarding;
  interview.step("Where is Messages?");
  const { settings } = await currentConfig(onboarding);
  const present = settings.accounts[0];
  const isMac = platform() === "darwin";
  const answered = readPlace(options.mac);
  const place = await interview.choose<Place>({
    message: "Which Mac sends and receives the messages?",
    option: "--mac this|none|ssh://user@host",
    answered,
    initial: present !== undefined ? "keep" : isMac ? "this" : undefined,
    choices: [
      ...(present === undefined
        ? []
        : [{ value: "keep" as const, label: "The one in the config", hint: present.transport.cliPath }]),
      { value: "this", label: "This Mac", ...(isMac ? {} : { hint: "this machine is not a Mac" }) },
      { value: "ssh", label: "Another Mac, over SSH" },
      { value: "none", label: "No Mac yet", hint: "a stand-in on this machine, to try everything" },
    ],
  });
  switch (place) {
    case "keep":
      return { step: STEP, state: "done", detail: `kept ${present?.transport.cliPath}` };
    case "this":
      return useThisMac(onboarding);
    case "ssh":
      return useOtherMac(onboarding);
    case "none":
      return useStandIn(onboarding);
  }
}

function readPlace(text: string | undefined): Place | undefined {
  if (text === undefined || text === "this" || text === "none" || text === "keep") return text;
  if (text.startsWith("ssh://")) return "ssh";
  throw new GatewayError("cli/usage", `"${text}" is not a place where Messages can be`, {
    hint: "Use --mac this, --mac none, or an address such as --mac ssh://bot@mac.example.com.",
  });
}

async function useThisMac(onboarding: Onboarding): Promise<StepResult> {
  if ((await findProgram("imsg", await readSearchPath())) === undefined)
    throw new GatewayError(
      "imsg/not-found",
      "imsg, the program that reads and sends messages, is not on PATH",
      {
        hint: `Install it (${IMSG_PAGE}), then run \`coderclaw onboard\` again.`,
      },
    );
  await writeKey(onboarding, "channels.imessage.cliPath", "imsg");
  return { step: STEP, state: "done", detail: "this Mac" };
}

async function useOtherMac(onboarding: Onboarding): Promise<StepResult> {
  const { interview, options } = onboarding;
  const hosts = await knownHosts();
  const other = "";
  const chosen =
    options.mac?.startsWith("ssh://") || hosts.length === 0
      ? other
      : await interview.choose<string>({
          message: "Which one?",
          option: "--mac ssh://user@host",
          answered: undefined,
          choices: [
            ...hosts.map((host) => ({ value: host, label: host, hint: "from ~/.ssh/config" })),
            { value: other, label: "Another one" },
          ],
        });
  const address =
    chosen === other
      ? await interview.text({
          message: "Its address?",
          placeholder: "ssh://bot@mac.example.com",
          option: "--mac ssh://user@host",
          answered: options.mac,
          check: (text) => (/^ssh:\/\/\S+$/u.test(text) ? undefined : "write it as ssh://user@host"),
        })
      : `ssh://${chosen}`;
  await writeKey(onboarding, "channels.imessage.cliPath", address);
  return { step: STEP, state: "done", detail: address };
}

/** Names of `~/.ssh/config` that stand for one machine each; none where the file cannot be read. */
async function knownHosts(): Promise<readonly string[]> {
  const text = await readFile(join(homedir(), ".ssh", "config"), "utf8").catch(() => "");
  const names = text
    .slice(0, 256 * 1024)
    .split("\n")
    .filter((line) => /^\s*host[\s=]/iu.test(line))
    .flatMap((line) =>
      line
        .trim()
        .split(/[\s=]+/u)
        .slice(1),
    )
    .filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/u.test(name));
  return [...new Set(names)].slice(0, 20);
}

/** A Messages database of its own in the state folder, and a program that speaks for it. */
async function useStandIn(onboarding: Onboarding): Promise<StepResult> {
  const { sources } = await currentConfig(onboarding);
  const folder = join(sources.places.stateDir, "stand-in");
  const [program, database] = [join(folder, "imsg"), join(folder, "chat.db")];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeProgram(program, launcher([], findPrograms().standIn));
  if (!existsSync(database)) {
    const { code, stderr } = await runToEnd(
      program,
      ["init", "--db", database],
      new AbortController().signal,
    );
    if (code !== 0)
      throw new GatewayError(
        "imsg/database",
        `The stand-in's database "${database}" could not be made: ${stderr.trim()}`,
        {
          hint: "Check the free space and the permissions of the state folder, then run `coderclaw onboard` again.",
        },
      );
  }
  await writeKey(onboarding, "channels.imessage.cliPath", program);
  await writeKey(onboarding, "channels.imessage.dbPath", database);
  onboarding.interview.say(
    `A stand-in for Messages is in ${folder}. Run \`coderclaw onboard\` again once you have a Mac.`,
  );
  return { step: STEP, state: "done", detail: "the stand-in" };
}
