// A text file that is appended to and never grows past a limit: when it is full it is renamed, and the oldest one goes.
import {
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** How large, and how many older files are kept as `PATH.1` (newest) to `PATH.N`. */
export interface Rotation {
  readonly maxBytes: number;
  readonly keep: number;
}

/** Takes text until it is closed. */
export interface RotatingFile {
  /** Contract: handed to the operating system before the call returns; throws what writing throws. */
  write(text: string): void;
  close(): void;
}

/** Opens a file for appending, made 0600 with its folder 0700. Contract: throws when it cannot be opened. */
export function openRotatingFile(path: string, { maxBytes, keep }: Rotation): RotatingFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = openPrivate(path);
  let bytes = fstatSync(file).size;
  const rotate = (): void => {
    closeSync(file);
    rmSync(`${path}.${keep}`, { force: true });
    for (let age = keep - 1; age >= 0; age -= 1) {
      const from = age === 0 ? path : `${path}.${age}`;
      try {
        renameSync(from, `${path}.${age + 1}`);
      } catch {
        // Not that many yet.
      }
    }
    file = openPrivate(path);
    bytes = 0;
  };
  return {
    write: (text) => {
      const chunk = Buffer.from(text, "utf8");
      if (bytes > 0 && bytes + chunk.length > maxBytes) rotate();
      writeSync(file, chunk);
      bytes += chunk.length;
    },
    close: () => closeSync(file),
  };
}

function openPrivate(path: string): number {
  const file = openSync(path, "a", 0o600);
  fchmodSync(file, 0o600);
  return file;
}
