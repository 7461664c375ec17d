// The words with which imsg up to 0.13 refuses a database it cannot open.

import { statSync } from "node:fs";
import type { DatabaseFailure } from "../read/store.ts";

const CANNOT_OPEN = 14;

/** The text of a failed open; the permission advice is added where the file cannot be opened at all. */
export function startupFailureText(failure: DatabaseFailure, path: string): string {
  // imsg's SQLite opens a folder and then cannot read it (recorded); newer ones refuse to open it.
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return "disk I/O error (code: 10)";
  if (failure.code !== CANNOT_OPEN) return failure.describe();
  return `${failure.describe()}

⚠️  Permission Error: Cannot access Messages database

The Messages database at ${path} requires Full Disk Access permission.

To fix:
1. Open System Settings → Privacy & Security → Full Disk Access
2. Add your terminal application and any parent launcher (VS Code, Node, gateway, etc.)
3. Also add the built-in Terminal.app if you normally use another terminal
4. Toggle stale entries off and on after terminal/Homebrew/app updates
5. Restart the terminal or parent app, then try again

Note: This is required because macOS protects the Messages database.
For more details, see: https://github.com/steipete/imsg#permissions-troubleshooting`;
}
