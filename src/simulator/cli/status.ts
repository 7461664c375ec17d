// `imsg status`: what works on this "Mac".

import { methodNames } from "../rpc/descriptors.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

/** Prints the report. */
export const status: CommandRun = (values, setting) => {
  const report = {
    version: setting.version,
    basic_features: true,
    advanced_features: setting.bridge,
    typing_indicators: setting.bridge,
    read_receipts: setting.bridge,
    v2_ready: setting.bridge,
    bridge_version: setting.bridge ? 2 : 0,
    sip: setting.bridge ? "disabled" : "unknown",
    selectors: {},
    message: setting.bridge ? "The bridge is running." : "The bridge is not running.",
    rpc_methods: methodNames(setting.dialect),
  };
  print(
    values.flag("--json") ? JSON.stringify(report) : reportText(setting.version, setting.bridge, report.sip),
  );
  return 0;
};

function reportText(version: string, bridge: boolean, sip: string): string {
  const head = `imsg Status Report
==================

Version:
  ${version}

Basic features (send, receive, history):
  Available

System Integrity Protection (SIP):
  ${sip}

Advanced features (typing, read receipts):
  ${bridge ? "Available" : "Not available"}
`;
  return bridge ? head.trimEnd() : `${head}\n${ADVICE}`;
}

const ADVICE = `To enable advanced features:
  1. Disable System Integrity Protection (SIP)
     - Restart Mac holding Cmd+R
     - Open Terminal from Utilities menu
     - Run: csrutil disable
     - Restart normally

  2. Grant Full Disk Access
     - System Settings > Privacy & Security > Full Disk Access
     - Add Terminal or your terminal app

  3. Build and launch:
     make build-dylib
     imsg launch

macOS 26/Tahoe note:
  Advanced IMCore features may still be blocked by library validation
  or imagent private entitlement checks. Basic commands still work.

Note: Basic messaging features work without these steps.`;
