import { expect, test } from "vitest";
import { sendMethods } from "../send/methods.ts";
import { DESCRIPTORS, methodNames } from "./descriptors.ts";
import { legacyMethods } from "./legacy-methods.ts";
import type { Reading } from "./reading.ts";
import { v1Methods } from "./v1-methods.ts";

const reading = {} as Reading; // the methods are named here, not called

test("every method that is listed can be called, and no other", () => {
  const v1 = [...Object.keys(v1Methods(reading, "")), ...Object.keys(sendMethods)];
  expect(Object.keys(DESCRIPTORS).toSorted()).toEqual(v1.toSorted());
});

test("legacy knows the methods it lists", () => {
  const known = new Set([...Object.keys(legacyMethods(reading)), ...Object.keys(sendMethods)]);
  expect(methodNames("legacy").filter((name) => !known.has(name))).toEqual([]);
});
