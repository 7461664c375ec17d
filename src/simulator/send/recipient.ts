// Reads the address a message is sent to: a phone number of the region becomes E.164.

/** The address as Messages would write it. Contract: a local number is parsed by a library that is loaded then. */
export function normalizeAddress(address: string, region: string): string | Promise<string> {
  const bare = address.trim();
  if (bare.includes("@") || !/\d/u.test(bare) || /[a-z]/iu.test(bare)) return bare;
  const compact = bare.replaceAll(/[^\d+]/gu, "");
  if (compact.startsWith("+")) return compact;
  if (compact.length <= 6) return compact; // a short code
  return parseLocal(bare, region);
}

/** Whether Messages can address it: an e-mail, or digits. */
export function isAddressable(address: string): boolean {
  return /^[^\s@]+@[^\s@]+$/u.test(address) || /^\+?\d{3,}$/u.test(address);
}

async function parseLocal(number: string, region: string): Promise<string> {
  const { parsePhoneNumberFromString } = await import("libphonenumber-js/min");
  const known = region.toUpperCase() as Parameters<typeof parsePhoneNumberFromString>[1];
  return parsePhoneNumberFromString(number, known)?.number ?? number;
}
