// Handles: a phone number in E.164, an e-mail in lower case, or a short code that equals only itself.
import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from "libphonenumber-js/min";

declare const handleBrand: unique symbol;
/** A handle in its one normal form; two handles are the same person's address when they are the same string. */
export type Handle = string & { readonly [handleBrand]: true };

const SERVICE_PREFIX = /^(?:imessage|sms|auto):/i;

/** Fewer digits without a `+` are a short code, even where a region has phone numbers that short. */
const SHORTEST_PHONE = 7;

/**
 * Reads a handle: any number of service prefixes off, e-mail lowercased, a number of `region` (ISO 3166) made E.164.
 * A short code or an alphanumeric sender stays as it is, lowercased. Empty text gives undefined.
 *
 * Contract: idempotent for every region: `parseHandle(parseHandle(x))` is `parseHandle(x)`.
 */
export function parseHandle(text: string, region: string): Handle | undefined {
  let rest = text.trim();
  while (SERVICE_PREFIX.test(rest)) rest = rest.replace(SERVICE_PREFIX, "").trim();
  if (rest === "") return undefined;
  if (rest.includes("@") || !/\p{Nd}/u.test(rest)) return rest.toLowerCase() as Handle;
  return (settlePhone(rest, region) ?? rest.toLowerCase()) as Handle;
}

/** True for an ISO 3166 code, in capitals, by which numbers can be read. */
export function isKnownRegion(region: string): boolean {
  return isSupportedCountry(region);
}

/** Reads a number until nothing changes: `+49000` loses one zero a reading, which is what a national prefix looks like. */
function settlePhone(text: string, region: string): string | undefined {
  const phone = readPhone(text, region);
  return phone === undefined || phone === text ? phone : (settlePhone(phone, region) ?? phone);
}

/** A number is taken for a phone only when nothing but digits and phone punctuation is in it and its length is possible. */
function readPhone(text: string, region: string): string | undefined {
  const written = text.replace(/^\uff0b/, "+");
  if (!/^\+?[\p{Nd}\s().\-/\u00a0\u2010-\u2015]+$/u.test(written)) return undefined;
  if (!written.startsWith("+") && written.replace(/\P{Nd}/gu, "").length < SHORTEST_PHONE) return undefined;
  const parsed = parsePhoneNumberFromString(written, {
    defaultCountry: region as CountryCode,
    extract: false,
  });
  return parsed?.isPossible() === true ? parsed.number : undefined;
}
