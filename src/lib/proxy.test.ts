import { describe, expect, test } from "vitest";
import { Proxies, ProxyError } from "./proxy.ts";

function find(url: string, variables: Readonly<Record<string, string>>): string | undefined {
  const found = new Proxies((name) => variables[name]).find(new URL(url));
  return found && `${found.variable} ${found.place}`;
}

describe("which proxy", () => {
  const both = { HTTP_PROXY: "http://a.test:3128", HTTPS_PROXY: "http://user:secret@b.test:8080" };
  test.each([
    ["http://model.test/v1", both, "HTTP_PROXY a.test:3128"],
    ["https://model.test/v1", both, "HTTPS_PROXY b.test:8080"],
    ["https://model.test/v1", { HTTP_PROXY: "http://a.test" }, undefined],
    ["https://model.test/v1", { HTTPS_PROXY: " " }, undefined],
    [
      "https://model.test/v1",
      { HTTPS_PROXY: "http://a.test", https_proxy: "http://b.test" },
      "https_proxy b.test",
    ],
    ["https://model.test/v1", { https_proxy: "", HTTPS_PROXY: "http://a.test" }, "HTTPS_PROXY a.test"],
    ["https://model.test/v1", { HTTPS_PROXY: "b.test:8080" }, "HTTPS_PROXY b.test:8080"],
    ["https://model.test/v1", { HTTPS_PROXY: "https://b.test" }, "HTTPS_PROXY b.test"],
    ["http://localhost:11434/v1", both, undefined],
    ["http://127.0.0.2:11434/v1", both, undefined],
    ["http://[::1]:11434/v1", both, undefined],
    ["http://10.0.0.1:11434/v1", both, "HTTP_PROXY a.test:3128"],
  ])("%s with %j: %s", (url, variables, expected) => {
    expect(find(url, variables)).toBe(expected);
  });
});

describe("NO_PROXY", () => {
  test.each([
    ["*", "https://a.test", true],
    ["a.test", "https://a.test", true],
    ["A.TEST.", "https://a.test", true],
    ["a.test", "https://b.a.test", true],
    [".a.test", "https://b.a.test", true],
    ["*.a.test", "https://b.a.test", true],
    ["a.test", "https://ba.test", false],
    ["b.test, a.test", "https://a.test", true],
    ["b.test a.test", "https://a.test", true],
    ["a.test:443", "https://a.test", true],
    ["a.test:8443", "https://a.test", false],
    ["a.test:8443", "https://a.test:8443", true],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.1.2.3", "https://10.1.2.3", true],
    ["fd00::/8", "https://[fd00::1]", true],
    ["[fd00::1]:443", "https://[fd00::1]", true],
    ["[fd00::1]", "https://[fd00::1]", true],
    ["[fd00::1]:8443", "https://[fd00::1]", false],
    ["fd00::1", "https://[fd00::1]", true],
    ["fd00::1", "https://[fd00::2]", false],
    ["10.0.0.0/99", "https://10.1.2.3", false],
    [",", "https://a.test", false],
    [".", "https://a.test", false],
    ["", "https://a.test", false],
  ])("%j and %s: direct %s", (list, url, isDirect) => {
    const variables = { HTTPS_PROXY: "http://p.test", NO_PROXY: list };
    expect(find(url, variables) === undefined).toBe(isDirect);
  });
});

test.each(["socks5://user:secret@a.test:1080", "http://", "::", "http://[x]"])(
  "%s is no proxy that can be used, and its login is not told",
  (value) => {
    const find1 = (): unknown => find("https://a.test", { HTTPS_PROXY: value });
    expect(find1).toThrow(ProxyError);
    expect(find1).toThrow(/^(?!.*secret).*HTTPS_PROXY/u);
  },
);
