// The lines that are no JSON-RPC: what shells, SSH and crashed writers leave in a stream.

import { GARBAGE_KINDS } from "./rules.ts";
import type { Rule } from "./rules.ts";

const LONG_LINE_BYTES = 1_000_000;

/** A line of garbage; without a kind, the kinds take turns with `turn`. */
export function garbageLine(rule: Rule, turn: number): string | Uint8Array {
  switch (rule.kind ?? GARBAGE_KINDS[turn % GARBAGE_KINDS.length]) {
    case "half-json":
      return '{"jsonrpc":"2.0","method":"message","params":{"subscription":1,"message":{"id":4';
    case "invalid-utf8":
      return Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0xf0, 0x9f, 0x22, 0x7d);
    case "long-line":
      return "x".repeat(rule.bytes ?? LONG_LINE_BYTES);
    default:
      return "Warning: Permanently added 'mac.local' (ED25519) to the list of known hosts.";
  }
}
