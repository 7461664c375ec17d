// Whether somebody seems to be logged in to an agent, and what says that nobody is.
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Preset } from "./presets.ts";

/** Where signs of a login are looked for. */
export interface LoginPlace {
  readonly home: string;
  /** A variable by its name; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
}

/** False where no sign of a login is to be seen. An agent may keep its login elsewhere: this decides nothing, it only lets one be warned. */
export async function seemsLoggedIn({ signs }: Preset, { home, variable }: LoginPlace): Promise<boolean> {
  if (signs.files.length === 0) return true;
  if (signs.variables.some((name) => (variable(name) ?? "") !== "")) return true;
  const found = signs.files.map(async (file) =>
    access(join(home, file.replace(/^~\//u, ""))).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(found)).includes(true);
}

/** True for a reason that has to do with who is logged in. */
export function isLogin(reason: string): boolean {
  return /log(?:ged)? ?in|sign ?in|auth|api[ _-]?key|credential|unauthori[sz]ed|\b401\b|token/iu.test(reason);
}
