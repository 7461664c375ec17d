// Headers that every answer has, and what a browser may do with the control page.

import { GATEWAY_HEADER, renderListener, type Listener } from "../control/who-listens.ts";

/** Nothing from elsewhere, nothing inline, no frame around it, no text that becomes HTML. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const ALWAYS: Readonly<Record<string, string>> = {
  Server: "coderclaw",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Frame-Options": "DENY",
};

/** Adds them; what the answer says itself stands. */
export function addHeaders(headers: Headers, listener: Listener): void {
  headers.set(GATEWAY_HEADER, renderListener(listener));
  for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", PAGE_POLICY);
}
