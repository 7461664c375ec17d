// Runs a tool of the service manager to its end, without a shell: its output, or an error that says what it said.
import { execFile } from "node:child_process";
import { GatewayError } from "../model/errors.ts";
import type { ServiceStep } from "./service-plan.ts";

/** Long enough for a gateway that finishes its sends; a service manager that hangs is not waited for longer. */
const LIMIT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** What a tool printed, and how it ended. */
export interface ToolResult {
  /** 127: the tool is not installed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tool. Contract: never rejects; a time-out is exit code 124. */
export async function runTool([program, ...args]: readonly [string, ...string[]]): Promise<ToolResult> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      const { code, killed } = error as { code?: unknown; killed?: boolean };
      const exit = typeof code === "number" ? code : code === "ENOENT" ? 127 : killed ? 124 : 1;
      resolve({ code: exit, stdout, stderr });
    });
  });
}

/** A step that runs a tool, shown as a person would type it. Contract: rejects with `service/failed` and the tool's last words. */
export function toolStep(command: readonly [string, ...string[]]): ServiceStep {
  return { words: command.join(" "), run: async () => needTool(command) };
}

/** The same step, whose failure does not matter: what it undoes may not be there. */
export function tolerant(step: ServiceStep): ServiceStep {
  return { ...step, run: async () => step.run().catch(() => {}) };
}

async function needTool(command: readonly [string, ...string[]]): Promise<void> {
  const { code, stdout, stderr } = await runTool(command);
  if (code === 0) return;
  const said = lastLine(stderr) ?? lastLine(stdout) ?? `exit code ${code}`;
  throw new GatewayError("service/failed", `\`${command.join(" ")}\` failed: ${said}`, {
    hint: "Run that command by hand to see all it says; until it works, run `coderclaw gateway` in a terminal.",
    effect: "maybe",
  });
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1)?.trim() || undefined;
}
