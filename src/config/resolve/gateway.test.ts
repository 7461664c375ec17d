// Where the control server listens, and the tokens it takes.
import { expect, test } from "vitest";
import { problems, settings } from "../../../test/config/compile-for-test.ts";

test("the environment is over port and token", () => {
  const gateway = { port: 1, token: "token-of-the-file" };
  expect(settings({ gateway }).gateway).toMatchObject(gateway);
  const variables = { CODERCLAW_GATEWAY_PORT: "0", CODERCLAW_GATEWAY_TOKEN: "token-of-the-environment" };
  expect(settings({ gateway }, variables).gateway).toMatchObject({
    port: 0,
    token: "token-of-the-environment",
  });
  expect(problems({}, { CODERCLAW_GATEWAY_PORT: "80a" })).toMatchObject([
    { line: 0, message: 'CODERCLAW_GATEWAY_PORT is "80a": must be a whole number from 0 to 65535' },
  ]);
});

test.each([
  ["loopback", "127.0.0.1"],
  ["Localhost", "127.0.0.1"],
  ["0.0.0.0", "0.0.0.0"],
  ["::1", "::1"],
  ["mac.local", "mac.local"],
])("gateway.bind %j listens on %s", (bind, host) => {
  expect(settings({ gateway: { bind } }).gateway.bind).toBe(host);
});

test.each([
  "lan",
  "LAN",
  "tailnet",
  "auto",
  "custom",
  "any",
  "http://0.0.0.0",
  "127.0.0.1:80",
  "a b",
  "-",
  " ",
])("gateway.bind %j is refused, with what to write", (bind) => {
  expect(problems({ gateway: { bind } })).toMatchObject([
    { path: "gateway.bind", hint: expect.stringContaining('"0.0.0.0"') },
  ]);
});

test.each([
  ["gateway.token", { token: "fifteen-letters" }, {}],
  ["gateway.metricsToken", { metricsToken: "with spaces between its words" }, {}],
  ["CODERCLAW_GATEWAY_TOKEN", {}, { CODERCLAW_GATEWAY_TOKEN: "hunter2" }],
  ["gateway.token", { token: "${SHORT}" }, { SHORT: "hunter2" }],
])("a %s that can be guessed is refused and not shown", (where, gateway, variables) => {
  const [problem, ...more] = problems({ gateway }, variables);
  expect(more).toEqual([]);
  expect(problem?.message).toBe(`${where} is ••••: must have at least 16 characters, without spaces`);
  expect(problem?.hint).toContain("openssl rand");
});
