// What a turn of an agent is: `runtime` as written to what is run, with the faults that its type alone does not show.
import type { RuntimeSettings } from "../../model/settings.ts";
import { withoutEnd } from "../../model/text-ends.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import type { Report } from "./report.ts";
import { RUNTIME_DEFAULTS, type WrittenRuntime } from "../schema/runtime.ts";

type WrittenModel = Extract<WrittenRuntime, { type: "model" }>;
type WrittenAcp = Extract<WrittenRuntime, { type: "acp" }>;

const BYTES_A_MEBIBYTE = 1024 * 1024;

/** Resolves a runtime; without one it is the echo. */
export function resolveRuntime(
  runtime: WrittenRuntime | undefined,
  path: ConfigPath,
  report: Report,
): RuntimeSettings {
  switch (runtime?.type) {
    case undefined:
    case "echo":
      return { type: "echo" };
    case "command":
      return {
        type: "command",
        command: runtime.command,
        input: runtime.input ?? RUNTIME_DEFAULTS.commandInput,
        timeoutMs: timeoutMs(runtime),
        memoryBytes: memoryBytes(runtime),
      };
    case "acp":
      refuseBadVariables(runtime, path, report);
      return {
        type: "acp",
        command: runtime.command,
        env: runtime.env ?? {},
        permissions: runtime.permissions ?? RUNTIME_DEFAULTS.permissions,
        mode: runtime.mode,
        model: runtime.model,
        timeoutMs: timeoutMs(runtime),
        memoryBytes: memoryBytes(runtime),
      };
    case "model":
      return resolveModel(runtime, path, report);
  }
}

/** What of a runtime no log may hold. */
export function runtimeSecrets(runtime: RuntimeSettings): readonly string[] {
  if (runtime.type === "model") return runtime.apiKey === undefined ? [] : [runtime.apiKey];
  if (runtime.type !== "acp") return [];
  return Object.values(runtime.env).filter((value) => !/^[~/]/.test(value));
}

function timeoutMs({ timeoutSeconds }: { readonly timeoutSeconds?: number | undefined }): number {
  return (timeoutSeconds ?? RUNTIME_DEFAULTS.timeoutSeconds) * 1000;
}

function memoryBytes({ memoryMb }: { readonly memoryMb?: number | undefined }): number | undefined {
  return memoryMb === undefined ? undefined : memoryMb * BYTES_A_MEBIBYTE;
}

function resolveModel(runtime: WrittenModel, path: ConfigPath, report: Report): RuntimeSettings {
  const url = parseBaseUrl(runtime.baseUrl, [...path, "baseUrl"], report);
  const { apiKey } = runtime;
  // A key that no header can hold would only come to light with the first message.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    report.add({
      path: [...path, "apiKey"],
      message: `${renderPath([...path, "apiKey"])} holds a blank, a line break or a character that no key has`,
      hint: "Write the key alone, without quotes or blanks around it.",
    });
  if (apiKey !== undefined && url?.protocol === "http:" && !isLoopback(url.hostname))
    report.warn(
      [...path, "baseUrl"],
      `The key of ${renderPath(path)} is sent in the clear: ${renderPath([...path, "baseUrl"])} is http to another machine`,
      "Use https, or reach that machine through a tunnel that ends on this one.",
    );
  return {
    type: "model",
    baseUrl: withoutEnd(url?.href ?? "", "/"),
    apiKey,
    model: runtime.model,
    system: runtime.system ?? "",
    historyTokens: runtime.historyTokens ?? RUNTIME_DEFAULTS.historyTokens,
    vision: runtime.vision ?? RUNTIME_DEFAULTS.vision,
    timeoutMs: timeoutMs(runtime),
  };
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** What may hold a password or a key is not shown. */
function parseBaseUrl(text: string, path: ConfigPath, report: Report): URL | undefined {
  const where = renderPath(path);
  if (/^[^/?#]*\/\/[^/?#]*@/.test(text)) {
    report.add({
      path,
      message: `${where} holds a user name or a password`,
      hint: "Take it out of the URL; a key goes into `apiKey`.",
    });
    return undefined;
  }
  if (/[?#]/.test(text)) {
    report.add({
      path,
      message: `${where} goes on with \`?\` or \`#\`: \`/chat/completions\` is put behind it`,
      hint: "Take away what begins there; a key goes into `apiKey`.",
    });
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    report.refuse(path, text, {
      reason: "must be an http or https URL",
      hint: 'Write such as "http://127.0.0.1:11434/v1".',
    });
    return undefined;
  }
  if (/\/chat\/completions\/*$/.test(url.pathname))
    report.refuse(path, text, {
      reason: "`/chat/completions` is put behind it",
      hint: `Write ${JSON.stringify(text.replace(/\/chat\/completions\/*$/, ""))}.`,
    });
  return url;
}

function refuseBadVariables({ env }: WrittenAcp, path: ConfigPath, report: Report): void {
  for (const [name, value] of Object.entries(env ?? {})) {
    const at = [...path, "env", name];
    if (!/^[^=\0]+$/.test(name))
      report.refuse(at, name, {
        at: "key",
        reason: "cannot name a variable",
        hint: "Use letters, digits and `_`.",
      });
    if (value.includes("\0"))
      report.add({
        path: at,
        message: `${renderPath(at)} holds a NUL character, which no variable can`,
        hint: "Take it out.",
      });
  }
}
