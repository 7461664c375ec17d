// Handles: a phone number in E.164, an e-mail in lower case, or the name of a machine that equals only itself.
import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from "libphonenumber-js/min";

declare const handleBrand: unique symbol;
/** A handle in its one normal form; two handles are the same person's address when they are the same string. */
export type Handle = string & { readonly [handleBrand]: true };

const PREFIX = /^(?:imessage|sms|auto|tel|mailto):(?:\/\/)?/iu;
/** Copied with a number or an address from contacts and web pages, and seen by nobody. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\uFFF9-\uFFFB]/gu;
/** What people write between the digits of a number. */
const PUNCTUATION = String.raw`\s().\-/\u2010-\u2015\u2212`;
const NUMBER = new RegExp(String.raw`^[+\uFF0B]?[\p{Nd}${PUNCTUATION}]+$`, "u");
const SENDERS_NUMBER = /^\+?[0-9][0-9 ().\-/]*$/;
const E164 = /^\+[0-9]{7,15}$/;
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const BUSINESS = /^urn:[a-z0-9][a-z0-9-]*:[!-~]+$/;
/** Companies that write by RCS have an address here. */
const BUSINESS_DOMAIN = "@rbm.goog";
/** Fewer digits without a `+` are a short code, even where a region has phone numbers that short. */
const SHORTEST_PHONE = 7;
const SHORTEST_SHORT_CODE = 3;
const SHORT_CODE = /^[0-9]{3,8}$/;
/** Networks allow no longer one. */
const NAME = /^[a-z0-9][a-z0-9 &!'#$%()+,./=?_-]{0,10}$/;

/** A text without the characters that are not seen. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, "").trim();
}

/**
 * Reads a handle as a person writes it, in the configuration or on a command line: unseen characters and any number of prefixes
 * (`imessage:`, `sms:`, `auto:`, `tel:`, `mailto:`) off, e-mail lowercased, a number of `region` (ISO 3166) made E.164. Anything else
 * stays as it is, lowercased. Empty text gives undefined.
 *
 * Contract: idempotent for every region: `parseHandle(parseHandle(x))` is `parseHandle(x)`.
 */
export function parseHandle(text: string, region: string): Handle | undefined {
  let rest = withoutUnseen(text);
  while (PREFIX.test(rest)) rest = rest.replace(PREFIX, "").trim();
  if (rest === "") return undefined;
  if (rest.includes("@") || !/\p{Nd}/u.test(rest)) return lowerCase(rest) as Handle;
  return (settlePhone(rest, region) ?? shortCode(rest) ?? lowerCase(rest)) as Handle;
}

/**
 * Reads the handle of a sender as imsg writes it. No prefix comes off, and only ASCII is read: a sender in other digits or letters that
 * look alike keeps a handle that equals no entry of the configuration. Empty text gives undefined.
 */
export function parseSender(text: string, region: string): Handle | undefined {
  if (text.trim() === "") return undefined;
  if (!/^[ -~]+$/.test(text)) return text as Handle;
  const rest = text.trim();
  const phone = SENDERS_NUMBER.test(rest) ? settlePhone(rest, region) : undefined;
  return (phone ?? lowerCase(rest)) as Handle;
}

/** True for an ISO 3166 code, in capitals, by which numbers can be read. */
export function isKnownRegion(region: string): boolean {
  return isSupportedCountry(region);
}

/** Whose handle it may be; `name` is one that stands in place of a number, such as `amazon`. */
export type HandleKind = "phone" | "email" | "business" | "short code" | "name";

/** The kind of a handle. Undefined: no sender has such a one. */
export function kindOfHandle(handle: Handle): HandleKind | undefined {
  if (E164.test(handle)) return "phone";
  if (EMAIL.test(handle)) return handle.endsWith(BUSINESS_DOMAIN) ? "business" : "email";
  if (BUSINESS.test(handle)) return "business";
  if (SHORT_CODE.test(handle)) return "short code";
  return NAME.test(handle) && /[a-z]/.test(handle) ? "name" : undefined;
}

/** True for a sender that is no person's phone or address. */
export function isMachine(handle: Handle): boolean {
  const kind = kindOfHandle(handle);
  return kind !== "phone" && kind !== "email";
}

/** Why no sender can have this handle, as the end of a sentence. Undefined: one can. */
export function faultOfHandle(handle: Handle): string | undefined {
  if (kindOfHandle(handle) !== undefined) return undefined;
  const [foreign] = /[^ -~]/u.exec(handle) ?? [];
  if (foreign !== undefined) {
    const code = (foreign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `contains \`${foreign}\` (U+${code}), and senders have only ASCII characters`;
  }
  if (handle.includes("@")) return "is not an e-mail address";
  const [, prefix] = /^([a-z][\w-]*):/.exec(handle) ?? [];
  if (prefix !== undefined) return `begins with \`${prefix}:\`, which is not a known prefix`;
  if (!NUMBER.test(handle)) return "is neither a phone number nor an e-mail address";
  const count = handle.replace(/\D/g, "").length;
  const shortest = handle.startsWith("+") ? SHORTEST_PHONE : SHORTEST_SHORT_CODE;
  return count < shortest
    ? "is too short for a phone number"
    : "is not a phone number of the region; begin it with `+` and the country code";
}

/** ASCII letters only: `K` (the Kelvin sign) must not become a `k`. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** A short code as its sender writes it. */
function shortCode(text: string): string | undefined {
  if (!/^[0-9 .-]+$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, "");
  return digits.length < SHORTEST_PHONE ? digits : undefined;
}

/** Reads a number until nothing changes: `+49000` loses one zero a reading, which is what a national prefix looks like. */
function settlePhone(text: string, region: string): string | undefined {
  const phone = readPhone(text, region);
  return phone === undefined || phone === text ? phone : (settlePhone(phone, region) ?? phone);
}

/**
 * A number is taken for a phone only when nothing but digits and phone punctuation is in it and its length is possible. With `+` it is
 * one whatever is known of its country.
 */
function readPhone(text: string, region: string): string | undefined {
  const written = text.replace(/^[\s(]*[+\uFF0B]\s*/u, "+");
  if (!NUMBER.test(written)) return undefined;
  if (!written.startsWith("+") && written.replace(/\P{Nd}/gu, "").length < SHORTEST_PHONE) return undefined;
  const parsed = parsePhoneNumberFromString(written.replaceAll("\u2212", "-"), {
    defaultCountry: region as CountryCode,
    extract: false,
  });
  if (parsed?.isPossible() === true) return parsed.number;
  const bare = `+${written.replace(/[^0-9]/g, "")}`;
  return written.startsWith("+") && E164.test(bare) && !/(?![0-9])\p{Nd}/u.test(written) ? bare : undefined;
}
