import { describe, expect, test } from "vitest";
import { imessage, problems, settings, type Variables } from "../../../test/config/compile-for-test.ts";

describe("${NAME}", () => {
  test("is taken from the environment, in any text, beside other text", () => {
    const variables = { WHO: "a@b.c", TOKEN: "s3cret-of-anna", EMPTY: "" };
    const config = {
      ...imessage({ allowFrom: ["${WHO}"], responsePrefix: "[${EMPTY}$${WHO}$WHO] " }),
      gateway: { token: "x-${TOKEN}" },
    };
    const compiled = settings(config, variables);
    expect(compiled.gateway.token).toBe("x-s3cret-of-anna");
    expect(compiled.accounts[0]).toMatchObject({ owners: ["a@b.c"], responsePrefix: "[${WHO}$WHO] " });
  });

  test("a missing one is an error that names key and variable", () => {
    expect(problems("{\n gateway: { token: '${NOPE}' } }")).toMatchObject([
      {
        path: "gateway.token",
        line: 2,
        column: 20,
        message: "gateway.token needs the environment variable NOPE, which is not set",
      },
    ]);
  });

  test("its value is never printed", () => {
    const variables = { A: "chat_id:s3cret", B: "s3cret" };
    const told = JSON.stringify([
      problems(imessage({ allowFrom: ["${A}"], dmPolicy: "pairing" }), variables),
      problems(imessage({ dmPolicy: "${B}" }), variables),
      problems({ bindings: [{ agentId: "${B}", match: {} }], store: { url: "${B}" } }, variables),
      problems({ agents: { list: [{ id: "${A}" }] } }, variables),
    ]);
    expect(told).not.toContain("s3cret");
    expect(told.match(/••••/g)).toHaveLength(5);
  });

  test("is part of the version, as the text is", () => {
    const version = (text: string, variables?: Variables) => settings(text, variables).version;
    const text = "{ messages: { responsePrefix: '${T}' } }";
    expect(version(text, { T: "1", U: "1" })).toBe(version(text, { T: "1", U: "2" }));
    expect(version(text, { T: "1" })).not.toBe(version(text, { T: "2" }));
    expect(version("{}")).not.toBe(version("{} "));
    expect(version("{}")).toMatch(/^[0-9a-f]{12}$/);
  });
});
