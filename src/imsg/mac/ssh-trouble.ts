// What ssh says when it fails, as verdicts with the command that mends them: one table.
import { GatewayError, type ErrorCode } from "../../model/errors.ts";
import { renderRemoteHost } from "../../model/remote-host.ts";
import type { RemoteHost } from "../../model/settings.ts";

/** How ssh, or a script that used it, came to its end. */
export interface SshEnd {
  readonly code: number | null;
  /** Lines of stderr, oldest first. */
  readonly said: readonly string[];
  /** Undefined: a script that goes nobody knows where. */
  readonly remote: RemoteHost | undefined;
  /** What was to be run there; undefined: copies. */
  readonly program: string | undefined;
}

interface Trouble {
  readonly seen: RegExp;
  readonly code: ErrorCode;
  readonly message: (mac: string) => string;
  readonly hint: (at: Place) => string;
}

/** What the commands in hints are made of. */
interface Place {
  readonly mac: string;
  /** `ssh` with the words that lead there. */
  readonly ssh: string;
  readonly keyscan: string;
  readonly hostKey: string;
}

/** ssh's own exit code: whatever failed, it was not the command there. */
const SSH_FAILED = 255;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** The first that is seen counts: what stands above is the cause of what stands below. */
const TROUBLES: readonly Trouble[] = [
  {
    seen: /host identification has changed|host key for .{1,300} has changed|host key .{1,300} revoked/iu,
    code: "ssh/host-key",
    message: (mac) =>
      `the host key of ${mac} is not the one that is known: another machine answers, or it was set up anew`,
    hint: ({ hostKey, ssh }) =>
      `If you know why it changed: remove the old key with \`ssh-keygen -R '${hostKey}'\`, then run \`${ssh} true\` and compare the new one.`,
  },
  {
    seen: /no .{0,100}host key is known|host key verification failed|no hostkey alg|host key is not known/iu,
    code: "ssh/host-key",
    message: (mac) => `the host key of ${mac} is not known here`,
    hint: ({ ssh, keyscan }) =>
      `Run \`${ssh} true\` once as the user of the gateway, compare the key and answer yes; or \`${keyscan} >> ~/.ssh/known_hosts\` on a network that you trust.`,
  },
  {
    seen: /unprotected private key|bad permissions/iu,
    code: "ssh/refused",
    message: (mac) => `ssh does not use the key for ${mac}: others may read its file`,
    hint: () => "Run `chmod 600` on the key file.",
  },
  {
    seen: /permission denied \(|too many authentication failures|no more authentication methods|authentication failed|account .{1,300} (?:locked|expired)/iu,
    code: "ssh/refused",
    message: (mac) => `${mac} does not let us in without a password`,
    hint: ({ ssh }) =>
      `Put a key there with \`${ssh.replace(/^ssh/u, "ssh-copy-id")}\`, and check with \`${ssh} -o BatchMode=yes true\` as the user of the gateway; on the Mac the user must be allowed in System Settings → General → Sharing → Remote Login.`,
  },
  {
    seen: /could not resolve hostname|name or service not known|nodename nor servname/iu,
    code: "ssh/unreachable",
    message: (mac) => `there is no machine of the name ${mac}`,
    hint: ({ ssh }) =>
      `Check the name with \`${ssh} true\`; a Tailscale name needs Tailscale to be up on both sides.`,
  },
  {
    seen: /connection refused/iu,
    code: "ssh/unreachable",
    message: (mac) => `${mac} takes no SSH connections (connection refused)`,
    hint: () => "Switch on Remote Login on the Mac: System Settings → General → Sharing; check the port.",
  },
  {
    seen: /timed out|timeout, server|not responding|no route to host|network is (?:unreachable|down)|host is (?:unreachable|down)|connection (?:closed|reset) (?:by|to)|closed by remote host|kex_exchange_identification|broken pipe|lost connection|connection to .{1,300} closed/iu,
    code: "ssh/unreachable",
    message: (mac) => `${mac} cannot be reached, or the connection was lost`,
    hint: ({ ssh }) =>
      `Check that the Mac is awake and on the network (\`${ssh} true\`); nothing else is to be done: it is tried again by itself.`,
  },
  {
    seen: /bad configuration option|bad owner or permissions|unknown option|unsupported option|percent_expand|usage: ssh/iu,
    code: "ssh/failed",
    message: () => "ssh does not accept its configuration",
    hint: ({ ssh }) => `Run \`${ssh} true\` as the user of the gateway and mend ~/.ssh/config as it says.`,
  },
];

/** The error behind the end of an ssh; undefined when ssh worked, and what it ran ended by itself. */
export function explainSshEnd({ code, said, remote, program }: SshEnd): GatewayError | undefined {
  const place = placeOf(remote);
  const text = said.join("\n");
  const noSsh =
    code === NOT_FOUND &&
    /\bssh: (?:command )?not found|not found: (?:\S{0,300}\/)?ssh$|\/ssh: (?:No such file|not found)/mu.test(
      text,
    );
  if (noSsh) return sshNotFound();
  if (code === NOT_FOUND && program !== undefined)
    return new GatewayError("imsg/not-found", `imsg not found on ${place.mac} (${program})`, {
      hint: `Install imsg there, or name its whole path; \`${place.ssh} 'command -v imsg'\` shows what such a login finds. Logins without a terminal have a short PATH.`,
      details: { said: said.at(-1) },
    });
  if (code === NOT_EXECUTABLE && program !== undefined)
    return new GatewayError("imsg/not-executable", `${program} cannot be executed on ${place.mac}`, {
      hint: `Make it executable there: \`${place.ssh} 'chmod +x ${program}'\`.`,
      details: { said: said.at(-1) },
    });
  if (
    program === undefined &&
    /subsystem request failed|sftp-server.{0,300}(?:not found|no such file)/iu.test(text)
  )
    return copiesRefused(place);
  const trouble = TROUBLES.find(({ seen }) => seen.test(text));
  // Anything may say such words; it is ssh's only where ssh itself failed.
  if (code !== SSH_FAILED) return undefined;
  const last = said.findLast((line) => line.trim() !== "");
  if (trouble === undefined)
    return new GatewayError(
      "ssh/failed",
      `ssh failed${last === undefined ? "" : `: ${last.trim().slice(0, 300)}`}`,
      {
        hint: `Run \`${place.ssh} true\` as the user of the gateway to see why.`,
        effect: "maybe",
      },
    );
  return new GatewayError(trouble.code, trouble.message(place.mac), {
    hint: trouble.hint(place),
    effect: "maybe",
    details: { said: said.slice(-5) },
  });
}

/** There is no ssh on this machine. */
export function sshNotFound(): GatewayError {
  return new GatewayError("ssh/not-found", "ssh not found on this machine", {
    hint: "Install an SSH client: `apt install openssh-client`, or put ssh on the PATH of the gateway.",
  });
}

/** The Mac lets us in, and does not let files be copied. */
export function copiesRefused(place: Pick<Place, "ssh" | "mac">): GatewayError {
  return new GatewayError("ssh/no-copies", `${place.mac} does not let files be copied (no SFTP)`, {
    hint: `Put \`Subsystem sftp /usr/libexec/sftp-server\` into /etc/ssh/sshd_config there, and take \`ForceCommand\` or \`command=\` away from this key.`,
  });
}

/** A login that prints something of its own in front of what was asked for. */
export function bannerNoise(remote: RemoteHost | undefined, line: string): GatewayError {
  const { mac, ssh } = placeOf(remote);
  return new GatewayError(
    "ssh/noise",
    `a login on ${mac} prints text of its own: ${JSON.stringify(line.slice(0, 80))}`,
    {
      hint: `Make \`${ssh} true\` print nothing: move what prints from ~/.zshenv, ~/.bashrc and the like into ~/.zprofile or ~/.bash_profile.`,
    },
  );
}

/** `ssh` with the words that lead there, to be typed. */
export function sshOf(remote: RemoteHost): string {
  return placeOf(remote).ssh;
}

function placeOf(remote: RemoteHost | undefined): Place {
  if (remote === undefined)
    return { mac: "the Mac", ssh: "ssh HOST", keyscan: "ssh-keyscan HOST", hostKey: "HOST" };
  const { user, host, port } = remote;
  const name = `${user === undefined ? "" : `${user}@`}${host}`;
  const withPort = port === undefined ? "" : `-p ${port} `;
  return {
    mac: renderRemoteHost(remote),
    ssh: `ssh ${withPort}${name}`,
    keyscan: `ssh-keyscan ${withPort}${host}`,
    hostKey: port === undefined || port === 22 ? host : `[${host}]:${port}`,
  };
}
