// Step 3, "Who are you?": the person's own handle becomes owner and is admitted; the Mac's own handles are declared.
import { parseHandle } from "../../model/handle.ts";
import { currentConfig, writeKey, type Onboarding, type StepResult } from "./onboarding.ts";

const STEP = "owner";

/** Asks for the handles, and writes `allowFrom`, `commands.ownerAllowFrom` and `selfHandles`. */
export async function chooseOwner(onboarding: Onboarding): Promise<StepResult> {
  const { interview, options } = onboarding;
  interview.step("Who are you?");
  const { settings } = await currentConfig(onboarding);
  const account = settings.accounts[0];
  const region = account?.region ?? "US";
  const check = (text: string): string | undefined => {
    const handle = parseHandle(text, region);
    return handle !== undefined && /^\+\d{7,15}$|^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(handle)
      ? undefined
      : "write a phone number with its country code, such as +1 415 555 0123, or an e-mail address";
  };
  const typed = await interview.text({
    message: "The number or e-mail address you text from?",
    placeholder: "+1 415 555 0123",
    option: "--owner <handle>",
    answered: options.owner,
    initial: account?.owners[0],
    check,
  });
  const owner = parseHandle(typed, region) ?? typed;
  const own = await chooseOwnHandles(onboarding, check);
  await append(onboarding, "channels.imessage.allowFrom", owner);
  await append(onboarding, "commands.ownerAllowFrom", owner);
  for (const handle of own)
    await append(onboarding, "channels.imessage.selfHandles", parseHandle(handle, region) ?? handle);
  return { step: STEP, state: "done", detail: owner };
}

async function chooseOwnHandles(
  { interview, options }: Onboarding,
  check: (text: string) => string | undefined,
): Promise<readonly string[]> {
  if (options.self !== undefined && options.self.length > 0) return options.self;
  const text = await interview.text({
    message: "The number or address that the Mac itself uses in Messages? (Enter to skip)",
    option: "--self <handle>",
    answered: interview.isInteractive ? undefined : "",
    check: (one) => (one.trim() === "" ? undefined : check(one)),
  });
  return text.trim() === "" ? [] : [text];
}

/** Adds a handle to a list of the config, unless it is there. */
async function append(onboarding: Onboarding, path: string, handle: string): Promise<void> {
  const { openConfigFile } = await import("../../gateway/open-state.ts");
  const { getConfig } = await openConfigFile();
  const { isSet, value } = await getConfig(path, { configPath: onboarding.options.config });
  const list = isSet && Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (list.includes(handle)) return;
  if (list.length === 0) await writeKey(onboarding, path, [handle]);
  else await writeKey(onboarding, `${path}[${list.length}]`, handle);
}
