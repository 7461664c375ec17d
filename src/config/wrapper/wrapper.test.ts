import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHost, renderRemoteHost } from "../../model/remote-host.ts";
import { readWrapper } from "./wrapper.ts";

const environment = (name: string) => ({ HOME: "/home/anna", USER: "anna" })[name];

/** `user@host:port`, the key, the options; or the line and the reason. */
function read(text: string): string {
  const reading = readWrapper(text, environment);
  if (reading.kind === "no-ssh") return "no ssh";
  if (reading.kind === "unclear") return `line ${reading.line}: ${reading.because}`;
  const { remote, identityFile, options } = reading.host;
  return [renderRemoteHost(remote), identityFile, ...options].filter((word) => word !== undefined).join(" ");
}

test.each([
  ["ssh mac imsg", "mac"],
  ['#!/usr/bin/env bash\nexec ssh -T gateway-host imsg "$@"', "gateway-host"],
  ['#!/bin/sh\nexec ssh -T bot@mac imsg "$@"\n', "bot@mac"],
  [
    '/usr/bin/ssh -o BatchMode=yes -o ConnectTimeout=5 -T -p 2222 -i key bot@mac "/opt/homebrew/bin/imsg" "$@"',
    "bot@mac:2222 key",
  ],
  ["ssh -l bot mac imsg", "bot@mac"],
  ["ssh -lbot -oPort=2222 -o User=anna mac imsg", "bot@mac:2222"],
  ["ssh -o 'Port 2222' -p 22 mac imsg", "mac:2222"],
  ["ssh -J jump.example.org mac imsg", "mac -J jump.example.org"],
  ["ssh -F /etc/my_config -4 mac", "mac -F /etc/my_config -4"],
  ["ssh -i ~/.ssh/bot_key mac imsg", "mac ~/.ssh/bot_key"],
  ['ssh -i "$HOME/.ssh/bot" mac imsg', "mac /home/anna/.ssh/bot"],
  ["ssh -Tp2222 mac imsg", "mac:2222"],
  ["ssh mac -p 2222 imsg", "mac:2222"],
  ["ssh -- mac imsg", "mac"],
  ["ssh ssh://bot@mac:2222 imsg", "bot@mac:2222"],
  ["ssh bot@mac-mini.tail1234.ts.net imsg", "bot@mac-mini.tail1234.ts.net"],
  ["ssh bot@fd7a:115c:a1e0::1 imsg", "bot@[fd7a:115c:a1e0::1]"],
  ['HOST=mac\nssh $HOST imsg "$@"', "mac"],
  ['HOST=\'mac\'\nUSER_THERE="bot"\nssh "$USER_THERE@${HOST}" imsg', "bot@mac"],
  ["export HOST=mac; exec ssh ${HOST} imsg", "mac"],
  ['readonly HOST="bot@mac"\nexec ssh "${HOST}" imsg', "bot@mac"],
  ['HOST="${IMSG_HOST:-bot@mac}"\nexec ssh "$HOST" imsg', "bot@mac"],
  [': "${HOST:=mac}"\nssh "$HOST" imsg', "mac"],
  ["ssh ${HOST-mac} imsg", "mac"],
  ["ssh $USER@mac imsg", "anna@mac"],
  ['OPTS="-T -p 2222"\nssh $OPTS mac imsg', "mac:2222"],
  ["OPTS=(-T -p 2222 # port\n -i 'my key')\nssh \"${OPTS[@]}\" mac imsg", "mac:2222 my key"],
  ["SSH=/usr/bin/ssh\nexec $SSH mac imsg", "mac"],
  ['exec ssh \\\n  -T \\\n  -p 2222 \\\n  bot@mac \\\n  imsg "$@"', "bot@mac:2222"],
  ["# ssh old-mac imsg\nexec ssh mac imsg # not ssh other", "mac"],
  ["exec env FOO=1 BAR=2 ssh mac imsg", "mac"],
  ["FOO=1 exec -a name ssh mac imsg", "mac"],
  ["env -u FOO -i nohup nice -n 5 ssh mac imsg", "mac"],
  ["set -euo pipefail\ncommand -v ssh >/dev/null || exit 1\nexec ssh mac imsg 2>/dev/null", "mac"],
  ["if [ -x /usr/bin/ssh ]; then\n  exec ssh mac imsg\nfi", "mac"],
  ['eval "$(ssh-agent)" >/dev/null\nexec ssh mac imsg', "mac"],
  ["if a; then exec ssh mac imsg; else exec ssh mac imsg; fi", "mac"],
  ["ssh -J '[::1]:22' mac imsg", "mac -J [::1]:22"],
  ...["-bad", "[-bad]", "bot@-bad", "bot@[-bad]", "jump,-bad", "[-oProxyCommand=x]"].flatMap((value) =>
    ["-J", "-F", "-i"].map((letter): [string, string] => [
      `ssh ${letter} '${value}' mac imsg`,
      `line 1: ${letter} takes a word with signs that are not passed on`,
    ]),
  ),
  ["ssh -o ProxyJump=[-bad] mac imsg", "line 1: ProxyJump has a value with signs that are not passed on"],
  ["ssh '' imsg", "line 1: ssh without a host"],
  ["ssh -T", "line 1: ssh without a host"],
  ['\n\nexec ssh "$1" imsg', "line 3: the host is an argument of the script"],
  ['ssh "$@"', "line 1: the host is an argument of the script"],
  ["ssh $MAC imsg", "line 1: the host is $MAC, which is not set in it"],
  ["HOST=$(cat host)\nssh $HOST imsg", "line 2: the host is the output of a command"],
  ["ssh `cat host` imsg", "line 1: the host is the output of a command"],
  [
    "HOST=a\nif x; then HOST=b; fi\nssh $HOST imsg",
    "line 3: the host is $HOST, which is set in more than one way",
  ],
  ["for HOST in a b; do ssh $HOST imsg; done", "line 1: the host is $HOST"],
  ["HOST=a\n. ./config\nssh $HOST imsg", "line 3: the host is $HOST"],
  ["if a; then exec ssh mac imsg\nelse exec ssh other imsg; fi", "line 2: ssh goes to more than one machine"],
  ["cat <<EOF | ssh mac imsg\nx\nEOF", "line 1: a here document is not followed"],
  ["ssh mac imsg <<'X'\nhi\nX", "line 1: a here document is not followed"],
  ["bash -c 'ssh mac imsg'", "line 1: the word ssh, but no call of ssh that can be understood"],
  ["X=1\nsshpass -p secret ssh mac imsg", "line 2: the word ssh, but no call of ssh that can be understood"],
  ["tailscale ssh bot@mac imsg", "line 1: the word ssh, but no call of ssh that can be understood"],
  ['exec my-ssh-wrapper "$@"', "line 1: the word ssh, but no call of ssh that can be understood"],
  ["#!/usr/bin/env python3\nimport os\nos.execvp('ssh', ['mac'])", "line 1: it is no shell script"],
  ["ssh -p 99999 mac", "line 1: the port is none"],
  ["ssh -p $(port) mac", "line 1: -p takes the output of a command"],
  ["ssh 'ma c' imsg", "line 1: the host has signs that cannot be in a host name"],
  ["ssh -- -oProxyCommand=x imsg", "line 1: the host has signs that cannot be in a host name"],
  ["ssh 'bot;x@mac' imsg", "line 1: the user has signs that cannot be in a user name"],
  ["exec 'ssh", "line 1: a quote without its end is not followed"],
  ['#!/bin/sh\n# by ssh, one day\nexec /opt/imsg "$@"', "no ssh"],
  ['#!/bin/sh\nexec sudo -u bot imsg "$@"', "no ssh"],
])("%j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test("text that variables double and double again is given up", () => {
  const lines = Array.from({ length: 60 }, () => 'A="$A$A"');
  expect(read(`A=aaaa\n${lines.join("\n")}\nssh $A imsg`)).toBe(
    "line 62: the host is more text than can be followed",
  );
});

test.each([
  "${A:-".repeat(50_000),
  "$(".repeat(50_000),
  "ssh ${A:-".repeat(20_000),
  "(".repeat(100_000) + "ssh a",
])("a deep text takes no time %#", (text) => {
  const began = performance.now();
  readWrapper(`ssh ${text}`);
  expect(performance.now() - began).toBeLessThan(1500);
});

const PIECES = [
  ..."ssh|exec|-|--|-o|-p|-l|-i|-J|-F|host|user@host|-oProxyCommand=touch x|-l|-bad|@|a@b@c|$(touch x)|`touch x`|$HOST|${HOST:-x}|\"|'|\\|\n| |;|&&|||(|)|{|}|<<EOF|<|>|\0|\u2028|HOST=|=|[::1]|%|*|~|2222|\u202e|é".split(
    "|",
  ),
  "|",
];

test("whatever a wrapper says, what comes out of it is a host, and never an option", () => {
  const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(""));
  const calls = fc.string({ unit: "binary", maxLength: 20 }).map((host) => `ssh ${host} imsg`);
  const quoted = fc.string({ maxLength: 20 }).map((host) => `ssh '${host.replaceAll("'", "")}' imsg`);
  fc.assert(
    fc.property(fc.oneof(texts, calls, quoted), (text) => {
      const reading = readWrapper(text, environment);
      if (reading.kind !== "host") return;
      const { remote, identityFile, options } = reading.host;
      const name = remote.host.includes(":") ? `[${remote.host}]` : remote.host;
      expect(parseHost(name)).toBe(remote.host);
      expect(remote.host).toMatch(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/u);
      if (remote.user !== undefined) expect(remote.user).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/u);
      for (const value of [identityFile, ...options.filter((_, index) => index % 2 === 1)])
        if (value !== undefined && !/^-[46FoJ]$/u.test(value))
          expect(value).toMatch(/^[^-\p{Cc}][^\p{Cc}]*$/u);
      expect(options.join(" ")).not.toMatch(/Command/iu);
    }),
    { numRuns: 2000 },
  );
});
