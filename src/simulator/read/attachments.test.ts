// The paths that Foundation expands: neighbours of those that were recorded.

import { homedir } from "node:os";
import { expect, test } from "vitest";
import { expandHome } from "./attachments.ts";

const HOME = homedir();

test.each([
  ["~", HOME],
  ["~/", HOME],
  ["~/a", `${HOME}/a`],
  ["~/a/", `${HOME}/a`],
  ["~//a", `${HOME}//a`],
  ["~/~", `${HOME}/~`],
  ["~root", "/root"],
  ["~root/a", "/root/a"],
  ["~nobody-here", "~nobody-here"],
  ["~nobody-here/a/", "~nobody-here/a"],
  ["", ""],
  ["/", "/"],
  ["/a/", "/a/"],
  ["a/~", "a/~"],
  [" ~", " ~"],
  ["\\~", "\\~"],
])("%j → %j", (path, wanted) => {
  expect(expandHome(path)).toBe(wanted);
});
