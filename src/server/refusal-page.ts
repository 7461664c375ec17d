// The page that a browser gets at an address which is not allowed: what was seen, and the command that allows it.
import { createHash } from "node:crypto";
import { parsePublicUrl } from "../model/public-url.ts";
import type { Foreign } from "./doors.ts";

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:38rem;margin:12vh auto;padding:0 1.25rem}
dt{font-weight:600}dd{margin:0 0 .75rem}
code,pre{font-family:ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
pre{padding:.75rem 1rem;border:1px solid;border-radius:.5rem}`;

/** Longest name that is repeated. */
const MOST_SHOWN = 200;

/** The command that allows the address a request came by; undefined where what was seen cannot be an address. */
export function allowingCommand(request: Request, { what, host, origin }: Foreign): string | undefined {
  const seen = what === "origin" ? (origin ?? "") : `${schemeOf(request, host)}://${host}`;
  const url = parsePublicUrl(seen);
  if ("reason" in url || url.path !== "/" || !/^[a-z0-9.:[\]-]{1,200}$/i.test(url.host)) return undefined;
  return `coderclaw page allow '${url.href}'`;
}

/** A proxy says how the browser came; Tailscale's names are served by https. */
function schemeOf(request: Request, host: string): "http" | "https" {
  const forwarded = request.headers.get("x-forwarded-proto");
  if (forwarded !== null) return forwarded.toLowerCase().startsWith("https") ? "https" : "http";
  return host.endsWith(".ts.net") ? "https" : "http";
}

/** The page, as an answer. */
export function refusalPage(request: Request, foreign: Foreign): Response {
  const command = allowingCommand(request, foreign);
  const seen: readonly (readonly [string, string | undefined | null])[] = [
    ["Host", foreign.host],
    ["Origin", foreign.origin],
    ["X-Forwarded-Host", request.headers.get("x-forwarded-host")],
    ["X-Forwarded-Proto", request.headers.get("x-forwarded-proto")],
  ];
  const facts = seen
    .filter(([, value]) => typeof value === "string")
    .map(([name, value]) => fact(name, value ?? ""));
  const remedy =
    command === undefined
      ? "<p>What was seen is not an address of a web page, so it cannot be allowed.</p>"
      : `<p>If this address is yours, allow it on the gateway's machine, then reload this page:</p><pre>${escapeHtml(command)}</pre>`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Address not allowed – CoderClaw</title><style>${STYLE}</style>
<h1>This address is not allowed</h1>
<p>CoderClaw answers only at addresses its owner has named, so that no other web page can reach it.</p>
<dl>${facts.join("")}</dl>${remedy}</html>`;
  return new Response(html, {
    status: 403,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${hashOf(STYLE)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  });
}

function fact(name: string, value: string): string {
  const shown = value === "" ? "(none)" : value.slice(0, MOST_SHOWN);
  return `<dt>${name}</dt><dd><code>${escapeHtml(shown)}</code></dd>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
