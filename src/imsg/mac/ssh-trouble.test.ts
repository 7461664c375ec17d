import { expect, test } from "vitest";
import { explainSshEnd } from "./ssh-trouble.ts";

const remote = { user: "bot", host: "mac-mini", port: 2222 };

function verdict(code: number | null, said: string, program: string | undefined = "imsg"): string[] {
  const error = explainSshEnd({ code, said: said.split("\n"), remote, program });
  return error === undefined ? [] : [error.code, error.message, error.hint];
}

const CHANGED = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Offending ED25519 key in /home/anna/.ssh/known_hosts:1
Host key for [mac-mini]:2222 has changed and you have requested strict checking.
Host key verification failed.`;
const UNKNOWN = `No ED25519 host key is known for [mac-mini]:2222 and you have requested strict checking.
Host key verification failed.`;
const OPEN_KEY = `@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @
Permissions 0644 for '/home/anna/.ssh/key' are too open.
bot@mac-mini: Permission denied (publickey).`;

test.each([
  [
    255,
    CHANGED,
    "ssh/host-key",
    /not the one that is known/,
    /ssh-keygen -R '\[mac-mini\]:2222'.*ssh -p 2222 bot@mac-mini true/,
  ],
  [
    255,
    UNKNOWN,
    "ssh/host-key",
    /is not known here/,
    /ssh -p 2222 bot@mac-mini true.*ssh-keyscan -p 2222 mac-mini >>/,
  ],
  [255, "Host key verification failed.", "ssh/host-key", /is not known here/, /ssh-keyscan/],
  [255, OPEN_KEY, "ssh/refused", /others may read/, /chmod 600/],
  [
    255,
    "bot@mac-mini: Permission denied (publickey,password,keyboard-interactive).",
    "ssh/refused",
    /without a password/,
    /ssh-copy-id -p 2222 bot@mac-mini/,
  ],
  [
    255,
    "Received disconnect from 10.0.0.2 port 22:2: Too many authentication failures",
    "ssh/refused",
    /without/,
    /ssh-copy-id/,
  ],
  [
    255,
    "ssh: Could not resolve hostname mac-mini: Name or service not known",
    "ssh/unreachable",
    /no machine of the name/,
    /Tailscale/,
  ],
  [
    255,
    "ssh: Could not resolve hostname mac-mini: nodename nor servname provided, or not known",
    "ssh/unreachable",
    /no machine/,
    /Check the name/,
  ],
  [
    255,
    "ssh: connect to host mac-mini port 2222: Connection refused",
    "ssh/unreachable",
    /refused/,
    /Remote Login/,
  ],
  [
    255,
    "ssh: connect to host mac-mini port 2222: Connection timed out",
    "ssh/unreachable",
    /cannot be reached/,
    /awake/,
  ],
  [
    255,
    "ssh: connect to host mac-mini port 2222: Operation timed out",
    "ssh/unreachable",
    /cannot be reached/,
    /awake/,
  ],
  [
    255,
    "ssh: connect to host mac-mini port 2222: No route to host",
    "ssh/unreachable",
    /cannot be reached/,
    /awake/,
  ],
  [
    255,
    "Connection timed out during banner exchange\nConnection to 10.0.0.2 port 2222 timed out",
    "ssh/unreachable",
    /cannot/,
    /awake/,
  ],
  [255, "kex_exchange_identification: Connection closed by remote host", "ssh/unreachable", /lost/, /awake/],
  [255, "Timeout, server mac-mini not responding.", "ssh/unreachable", /lost/, /awake/],
  [255, "Connection to mac-mini closed by remote host.", "ssh/unreachable", /lost/, /awake/],
  [255, "client_loop: send disconnect: Broken pipe", "ssh/unreachable", /lost/, /awake/],
  [
    255,
    "/home/anna/.ssh/config: line 3: Bad configuration option: foo",
    "ssh/failed",
    /configuration/,
    /~\/\.ssh\/config/,
  ],
  [255, "something new", "ssh/failed", /something new/, /ssh -p 2222 bot@mac-mini true/],
  [255, "", "ssh/failed", /^ssh failed$/, /to see why/],
  [
    127,
    "/home/anna/wrapper: line 2: ssh: command not found",
    "ssh/not-found",
    /ssh not found on this machine/,
    /openssh-client/,
  ],
  [127, "/home/anna/wrapper: 2: exec: ssh: not found", "ssh/not-found", /this machine/, /PATH/],
  [
    127,
    "zsh:1: command not found: imsg",
    "imsg/not-found",
    /imsg not found on bot@mac-mini:2222/,
    /whole path/,
  ],
  [127, "env: imsg: No such file or directory", "imsg/not-found", /bot@mac-mini:2222/, /command -v imsg/],
  [
    126,
    "bash: line 1: /opt/imsg: Permission denied",
    "imsg/not-executable",
    /cannot be executed on bot@mac-mini/,
    /chmod \+x/,
  ],
])("exit %s, %j is %s", (code, said, expected, ...words) => {
  const [message, hint] = words;
  const [errorCode, text, fix] = verdict(code, said);
  expect(errorCode).toBe(expected);
  expect(text).toMatch(message);
  expect(fix).toMatch(hint);
});

test("copies that are forbidden", () => {
  for (const code of [1, 255]) {
    const end = { code, said: ["subsystem request failed on channel 0"], remote, program: undefined };
    expect(explainSshEnd(end)?.code).toBe("ssh/no-copies");
  }
});

test.each([
  [0, "Permission denied (publickey)."],
  [1, "Connection refused"],
  [null, "Host key verification failed."],
])("exit %s is not ssh's, whatever was said: %s", (code, said) => {
  expect(verdict(code, said)).toEqual([]);
});
