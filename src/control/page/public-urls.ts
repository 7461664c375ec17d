// Letting browsers come by one more address: `gateway.publicUrls` of the config file.
import { getConfig, setConfig } from "../../config/edit/operations.ts";
import { GatewayError } from "../../model/errors.ts";
import { parsePublicUrl } from "../../model/public-url.ts";

const PATH = "gateway.publicUrls";

/** What came of it. */
export interface AllowedUrl {
  /** As it was written down. */
  readonly url: string;
  readonly urls: readonly string[];
  /** False: it was there already. */
  readonly changed: boolean;
}

/** Adds an address. Throws `cli/usage` for what is none, and as `setConfig` does; the file is then as it was. */
export async function addPublicUrl(text: string, configPath: string | undefined): Promise<AllowedUrl> {
  const parsed = parsePublicUrl(text.trim());
  if ("reason" in parsed)
    throw new GatewayError("cli/usage", `${JSON.stringify(text)} ${parsed.reason}`, {
      hint: "Give the address as the browser shows it, such as https://mac.example/.",
    });
  const { value, isSet } = await getConfig(PATH, { configPath });
  const urls = isSet && Array.isArray(value) ? value.filter((url) => typeof url === "string") : [];
  const isThere = urls.some((url) => sameAs(parsed.href, url));
  if (isThere) return { url: parsed.href, urls, changed: false };
  const [path, added] = isSet ? [`${PATH}[${urls.length}]`, parsed.href] : [PATH, [parsed.href]];
  await setConfig(path, JSON.stringify(added), { configPath });
  return { url: parsed.href, urls: [...urls, parsed.href], changed: true };
}

function sameAs(href: string, written: string): boolean {
  const parsed = parsePublicUrl(written);
  return "href" in parsed && parsed.href === href;
}
