// The token file: made once, from a cryptographic source, for its owner's eyes only.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { GatewayError } from "../model/errors.ts";

/** A shorter one can be guessed. */
const SHORTEST_TOKEN = 16;

/** The token in the file, which is made (0600) if it is not there or empty. Throws `config/invalid` for a short one. */
export function readOrMakeToken(file: string): string {
  const known = readToken(file);
  if (known !== "" && known.length < SHORTEST_TOKEN)
    throw new GatewayError(
      "config/invalid",
      `The control token in ${file} has fewer than ${SHORTEST_TOKEN} characters`,
      {
        hint: `Remove the file (rm ${file}): the gateway makes a new token.`,
      },
    );
  if (known !== "") {
    chmodSync(file, 0o600);
    return known;
  }
  const token = randomBytes(32).toString("base64url");
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${token}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  return token;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
