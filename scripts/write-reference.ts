// Writes docs/gateway/configuration-reference.md from the schema.
import { mkdir, writeFile } from "node:fs/promises";
import { renderReference } from "../src/config/schema/reference.ts";

const page = new URL("../docs/gateway/configuration-reference.md", import.meta.url);
await mkdir(new URL(".", page), { recursive: true });
await writeFile(page, renderReference());
