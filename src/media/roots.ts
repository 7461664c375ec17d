// Whether a path lies in a folder that files may come from: the pattern, and for this machine what links lead to.
import { realpath } from "node:fs/promises";
import { posix } from "node:path";

/** Names of an absolute path; undefined for one that is relative, climbs (`..`), or holds a NUL. */
function namesOf(path: string): readonly string[] | undefined {
  if (!path.startsWith("/") || path.includes("\0")) return undefined;
  const names = path.split("/").filter((name) => name !== "");
  return names.some((name) => name === "." || name === "..") ? undefined : names;
}

/** True for a path below one of the roots, as both are written; `*` in a root stands for one name. */
export function isInside(path: string, roots: readonly string[]): boolean {
  const names = namesOf(path);
  if (!names) return false;
  return roots.some((root) => {
    const pattern = namesOf(root) ?? [];
    if (pattern.length === 0 || names.length <= pattern.length) return false;
    return pattern.every((wanted, index) => wanted === "*" || wanted === names[index]);
  });
}

/** The roots of this machine with the links in them resolved, up to the first `*`: resolved paths are compared with these. */
export async function resolveRoots(roots: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    roots.map(async (root) => {
      const names = root.split("/");
      const star = names.indexOf("*");
      const fixed = star === -1 ? names : names.slice(0, star);
      const rest = star === -1 ? [] : names.slice(star);
      const folder = fixed.join("/") || "/";
      const resolved = await realpath(folder).catch(() => folder);
      return posix.join(resolved, ...rest);
    }),
  );
}
