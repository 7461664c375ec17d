// The JSON Schema that editors check and complete the config file with.
import * as z from "zod/mini";
import { configSchema } from "./schema.ts";
import { keyFacts } from "./key.ts";

/** JSON Schema (draft 7, as editors know it). */
export function renderJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    target: "draft-7",
    override: ({ zodSchema, jsonSchema }) => {
      const facts = keyFacts.get(zodSchema);
      if (facts === undefined) return;
      jsonSchema.description = facts.description;
      if (facts.default !== undefined) jsonSchema.default = facts.default;
    },
  });
  return { ...schema, title: "CoderClaw configuration" };
}
