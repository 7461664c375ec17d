import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAddress, reachable, removeAddress, renderAddress, writeAddress } from "./gateway-address.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "address-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what a running gateway wrote down is read, by its owner only, until it takes it back", () => {
  const address = { host: "127.0.0.1", port: 4711 };
  writeAddress(folder, address);
  expect(readAddress(folder)).toEqual(address);
  expect(statSync(join(folder, "gateway.address")).mode & 0o777).toBe(0o600);
  removeAddress(folder);
  expect(readAddress(folder)).toBeUndefined();
});

test.each(["", "{", "{}", "null", '{ "pid": 2147483646, "host": "127.0.0.1", "port": 1 }'])(
  "%j is no address of a gateway that runs",
  (text) => {
    writeFileSync(join(folder, "gateway.address"), text);
    expect(readAddress(folder)).toBeUndefined();
  },
);

test.each([
  ["127.0.0.1", "127.0.0.1:1"],
  ["0.0.0.0", "127.0.0.1:1"],
  ["::", "[::1]:1"],
  ["::1", "[::1]:1"],
  ["localhost", "localhost:1"],
])("a server bound to %s is asked at %s", (bind, shown) => {
  expect(renderAddress({ host: reachable(bind), port: 1 })).toBe(shown);
});
