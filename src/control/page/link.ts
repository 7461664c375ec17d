// Links that sign a browser in: each holds a code in its fragment, which no server and no log ever sees, good once and for five minutes.
import { createHash, randomBytes } from "node:crypto";
import type { PublicUrl } from "../../model/public-url.ts";
import type { Store } from "../../model/store.ts";
import { renderAddress, type GatewayAddress } from "../gateway-address.ts";

/** How long a link is good. */
export const LINK_LIFETIME_MS = 5 * 60_000;

/** A link, by every address the page has. */
export interface PageLink {
  /** For a browser on the gateway's machine. */
  readonly here: string;
  /** For browsers elsewhere, the preferred one first. */
  readonly elsewhere: readonly string[];
  readonly expiresAtMs: number;
}

/** Where the page is. */
export interface PageAddresses {
  readonly address: GatewayAddress;
  readonly publicUrls: readonly PublicUrl[];
}

/** Who asks for a link, for people, and when. */
export interface LinkRequest {
  readonly linkFrom: string;
  readonly nowMs: number;
}

/** Makes a code. */
export async function makePageCode(
  store: Pick<Store, "pageSessions">,
  { linkFrom, nowMs }: LinkRequest,
): Promise<{ readonly code: string; readonly expiresAtMs: number }> {
  const code = randomBytes(24).toString("base64url");
  const expiresAtMs = nowMs + LINK_LIFETIME_MS;
  await store.pageSessions.issueCode(hashSecret(code), { linkFrom, nowMs, expiresAtMs });
  return { code, expiresAtMs };
}

/** A link that goes through Messages: what draws previews there opens links too, so that the page asks before it uses the code up. */
export function texted(base: string, code: string): string {
  return `${base}#sign-in-here=${code}`;
}

/** Makes a link. */
export async function makePageLink(
  store: Pick<Store, "pageSessions">,
  { address, publicUrls }: PageAddresses,
  request: LinkRequest,
): Promise<PageLink> {
  const { code, expiresAtMs } = await makePageCode(store, request);
  const linkAt = (base: string): string => `${base}#sign-in=${code}`;
  return {
    here: linkAt(`http://${renderAddress(address)}/`),
    elsewhere: publicUrls.map(({ href }) => linkAt(href)),
    expiresAtMs,
  };
}

/** What is kept of a code or a cookie. Both are long and random, so a plain hash is enough. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
