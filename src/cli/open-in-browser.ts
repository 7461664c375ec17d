// Opening an address in the person's browser, where there is one.
import { spawn } from "node:child_process";
import { hasScreen } from "../gateway/open-state.ts";

/** How long the opener has to fail; one that goes on is at work. */
const PATIENCE_MS = 1500;

/** Opens it; false where there is no screen, or no program to open it with. */
export async function openInBrowser(url: string): Promise<boolean> {
  if (!(await hasScreen())) return false;
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  return new Promise((resolve) => {
    const child = spawn(program, [url], { stdio: "ignore", detached: true });
    const timer = setTimeout(() => resolve(true), PATIENCE_MS);
    const over = (isOpened: boolean): void => {
      clearTimeout(timer);
      resolve(isOpened);
    };
    child.once("error", () => over(false));
    child.once("exit", (code) => over(code === 0));
    child.unref();
  });
}
