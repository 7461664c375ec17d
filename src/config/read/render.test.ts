import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as z from "zod/mini";
import { readEnvironment } from "../env.ts";
import { getConfig, setConfig, unsetConfig } from "../edit/operations.ts";
import { renderPath, type ConfigPath } from "./path.ts";
import { configSchema } from "../schema/schema.ts";
import { childOf, definitionOf, factsOf, shapeOf } from "../schema/walk.ts";

const SECRET = "s3cret-of-somebody";
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "render-"));
  file = join(folder, "c.json");
});
afterAll(async () => rm(folder, { recursive: true }));
const options = () => ({
  configPath: file,
  environment: readEnvironment({ CODERCLAW_STATE_DIR: folder, SECRET }),
});

/** Every key of the schema that holds a text, and whether it is marked secret. */
function textKeys(
  node: z.core.$ZodType,
  path: ConfigPath,
  isSecret = false,
): { path: ConfigPath; isSecret: boolean }[] {
  const definition = definitionOf(node);
  const secret = isSecret || factsOf(node)?.secret === true;
  const below = (child: z.core.$ZodType, segment: string | number) =>
    textKeys(child, [...path, segment], secret);
  if (definition.type === "string") return [{ path, isSecret: secret }];
  if (definition.type === "record") return below(definition.valueType, "12");
  if (definition.type === "array") return below(definition.element, 0);
  if (definition.type === "union")
    return definition.options.flatMap((option) => textKeys(option, path, secret));
  if (definition.type === "tuple") return below(childOf(node, 0) ?? node, 0);
  return Object.entries(shapeOf(node)).flatMap(([name, child]) => below(child, name));
}

const keys = textKeys(configSchema, []);
const withValue = (path: ConfigPath, value: unknown): unknown =>
  path.reduceRight<unknown>(
    (inner, segment) => (typeof segment === "number" ? [inner] : { [segment]: inner }),
    value,
  );

/** A config that is valid once the secret key is set in it, and before. */
function around(path: ConfigPath): unknown {
  const runtime = path.includes("env")
    ? { type: "acp", command: ["a"] }
    : { type: "model", baseUrl: "https://a.example/v1", model: "m" };
  if (!path.includes("runtime")) return {};
  return { agents: { defaults: { runtime }, list: [{ id: "a", runtime }] } };
}

/** The value as it is asked for by each of the paths above it, its own and none. */
async function shown(path: ConfigPath): Promise<string> {
  const paths = path.map((_, index) => renderPath(path.slice(0, index + 1)));
  const found = await Promise.all([undefined, ...paths].map(async (each) => getConfig(each, options())));
  return JSON.stringify(found);
}

describe("what is shown", () => {
  test("there are secret keys, and keys in every kind of place", () => {
    expect(keys.filter(({ isSecret }) => isSecret).map(({ path }) => renderPath(path))).toEqual([
      'agents.defaults.runtime.env["12"]',
      "agents.defaults.runtime.apiKey",
      'agents.list[0].runtime.env["12"]',
      "agents.list[0].runtime.apiKey",
      "gateway.token",
      "gateway.metricsToken",
    ]);
    expect(keys.length).toBeGreaterThan(40);
  });

  test.each(keys.filter(({ isSecret }) => isSecret).map(({ path }) => [renderPath(path), path] as const))(
    "%s is never shown, by whichever path, of whichever type",
    async (_name, path) => {
      for (const value of [SECRET, [SECRET], { a: SECRET }]) {
        await writeFile(file, JSON.stringify(withValue(path, value)));
        expect(await shown(path)).not.toContain(SECRET);
      }
      await writeFile(file, JSON.stringify(around(path)));
      const change = await setConfig(renderPath(path), SECRET, options());
      expect(change.after).toBe("••••");
      expect(JSON.stringify([change, await unsetConfig(renderPath(path), options())])).not.toContain(SECRET);
    },
  );

  test.each(keys.map(({ path }) => [renderPath(path), path] as const))(
    "%s from the environment is not shown",
    async (_name, path) => {
      await writeFile(file, JSON.stringify(withValue(path, "x ${SECRET} y")));
      const text = await shown(path);
      expect(text).toContain("••••");
      expect(text).not.toContain(SECRET);
    },
  );

  test("an account that takes a channel's value from the environment does not show it either", async () => {
    await writeFile(file, "{ channels: { imessage: { name: '${SECRET}', accounts: { a: {} } } } }");
    expect((await getConfig("channels.imessage.accounts.a.name", options())).value).toBe("••••");
  });

  test("a key that the schema does not know may be a mistyped secret", async () => {
    await writeFile(file, JSON.stringify({ gateway: { tokn: SECRET, port: 1 }, gatway: { token: SECRET } }));
    const { value } = await getConfig(undefined, options());
    expect(value).toEqual({ gateway: { tokn: "••••", port: 1 }, gatway: "••••" });
    const refused = await unsetConfig("gatway", options()).catch(({ message }: Error) => message);
    expect(JSON.stringify(refused)).not.toContain(SECRET);
  });
});
