import { expect, test } from "vitest";
import { parsePublicUrl } from "./public-url.ts";

test.each([
  ["https://mac.example", "https://mac.example/", "mac.example", "/"],
  ["HTTPS://Mac.Example:443/Claw", "https://mac.example/Claw/", "mac.example", "/Claw/"],
  ["http://192.168.1.5:18789/", "http://192.168.1.5:18789/", "192.168.1.5:18789", "/"],
  ["http://[fd00::1]:8080/a/../b/", "http://[fd00::1]:8080/b/", "[fd00::1]:8080", "/b/"],
  ["https://grüße.example/x", "https://xn--gre-6ka8l.example/x/", "xn--gre-6ka8l.example", "/x/"],
])("reads %s", (text, href, host, path) => {
  expect(parsePublicUrl(text)).toEqual({ href, host, path, origin: new URL(href).origin });
});

test.each([
  "",
  "mac.example",
  "ftp://mac.example",
  "javascript:alert(1)",
  "https://",
  "https://me@mac.example",
  "https://:secret@mac.example",
  "https://mac.example/?a=b",
  "https://mac.example/#code",
  "https://mac.example/a'b",
  "https://mac.example/a;b",
])("refuses %s with a reason", (text) => {
  expect(parsePublicUrl(text)).toEqual({ reason: expect.stringMatching(/^(?:is|has|contains) /) });
});
