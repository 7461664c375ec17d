// A real OpenSSH server on the loopback whose logins land on "another machine": another home, another PATH, a stand-in for imsg there.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./mac.ts";

const run = promisify(execFile);
const SSHD = "/usr/sbin/sshd";
const SFTP_SERVERS = [
  "/usr/lib/openssh/sftp-server",
  "/usr/libexec/openssh/sftp-server",
  "/usr/libexec/sftp-server",
];
const SFTP_SERVER = SFTP_SERVERS.find((path) => existsSync(path));

/** True where an OpenSSH server can be started; says once why not. */
export function hasSshServer(): boolean {
  const isThere = process.platform === "linux" && existsSync(SSHD) && SFTP_SERVER !== undefined;
  if (!isThere)
    process.stderr.write(
      "SKIPPED: no OpenSSH server here; install openssh-server for the tests of remote Macs\n",
    );
  return isThere;
}

/** The server, and what a client needs to reach it. */
export class SshServer {
  readonly port: number;
  /** The home of whoever logs in. */
  readonly home: string;
  readonly #dir: string;
  #listener: ChildProcess | undefined;

  private constructor(dir: string, home: string, port: number) {
    this.#dir = dir;
    this.home = home;
    this.port = port;
  }

  /**
   * Makes a server in `dir` and starts it. `bin` is a folder on the client's PATH: an `ssh` is put there that knows the key and the host, as
   * a user's own SSH configuration would.
   */
  static async start(
    dir: string,
    client: { readonly home: string; readonly bin: string },
  ): Promise<SshServer> {
    const server = new SshServer(dir, client.home, await freePort());
    await mkdir(join(dir), { recursive: true });
    await server.#makeKey("host");
    await server.#makeKey("user");
    await copyFile(server.#path("user.pub"), server.#path("authorized"));
    await server.#writeServerConfig();
    await server.#writeClient(client.bin);
    await server.trust();
    await server.startAgain();
    return server;
  }

  /** Who logs in where, as `ssh` takes it. */
  get destination(): string {
    return `${userInfo().username}@127.0.0.1`;
  }

  /** A `cliPath` that starts ssh by itself; without a program, `imsg` on the PATH there. */
  url(program = ""): string {
    return `ssh://${this.destination}:${this.port}${program}`;
  }

  /** Writes a wrapper script as people do; it runs a program there, `imsg` on the PATH unless told. */
  async writeWrapper(path: string, program = "imsg"): Promise<string> {
    const lines = [
      "#!/usr/bin/env bash",
      `PORT=${this.port}`,
      `exec ssh -T -p "$PORT" ${this.destination} ${program} "$@"`,
    ];
    await writeFile(path, `${lines.join("\n")}\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** Puts a program on the PATH of whoever logs in. */
  async installThere(name: string, program: string): Promise<void> {
    await mkdir(join(this.home, "bin"), { recursive: true });
    await symlink(program, join(this.home, "bin", name));
  }

  /** The client knows the host's present key from now on. */
  async trust(): Promise<void> {
    const [type, key] = (await readFile(this.#path("host.pub"), "utf8")).split(" ");
    await writeFile(this.#path("known"), `[127.0.0.1]:${this.port} ${type} ${key}\n`);
  }

  /** The host has another key from its next start on. */
  async newHostKey(): Promise<void> {
    await this.#makeKey("host");
  }

  /** Ends the server and every connection to it. */
  async stop(): Promise<void> {
    const listener = this.#listener;
    if (!listener || listener.exitCode !== null || listener.signalCode !== null) return;
    const ended = new Promise((resolve) => listener.once("exit", resolve));
    for (const pid of this.#family()) signal(pid, "SIGKILL");
    await ended;
  }

  /** Starts it on the same port. */
  async startAgain(): Promise<void> {
    const log: Buffer[] = [];
    const listener = spawn(SSHD, ["-D", "-e", "-f", this.#path("sshd_config")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    listener.stderr.on("data", (chunk: Buffer) => log.push(chunk));
    this.#listener = listener;
    await until(
      async () => listener.exitCode === null && (await answers(this.port)),
      () => `sshd does not listen: ${Buffer.concat(log).toString()}`,
      10_000,
    );
  }

  /** Cuts every connection; the server goes on. The answer counts them. */
  cut(): number {
    const sessions = this.#family().filter(
      (pid) => pid !== this.#listener?.pid && commandOf(pid).startsWith("sshd"),
    );
    for (const pid of sessions) signal(pid, "SIGKILL");
    return sessions.length;
  }

  /** Server and connections stand still, as a frozen machine does. */
  freeze(): void {
    for (const pid of this.#family()) signal(pid, "SIGSTOP");
  }

  thaw(): void {
    for (const pid of this.#family()) signal(pid, "SIGCONT");
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  async #makeKey(name: string): Promise<void> {
    for (const file of [name, `${name}.pub`]) await rm(this.#path(file), { force: true });
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", this.#path(name)]);
  }

  async #writeServerConfig(): Promise<void> {
    // A server that runs as root wants this folder for what it does without rights.
    if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
    const lines = [
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${this.#path("host")}`,
      `AuthorizedKeysFile ${this.#path("authorized")}`,
      "PidFile none",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin yes",
      "PrintMotd no",
      "MaxStartups 100",
      `SetEnv HOME=${this.home} PATH=${this.home}/bin:/usr/bin:/bin`,
      `Subsystem sftp ${SFTP_SERVER} -d ${this.home}`,
    ];
    await writeFile(this.#path("sshd_config"), `${lines.join("\n")}\n`);
  }

  async #writeClient(bin: string): Promise<void> {
    const config = [
      "Host *",
      `  UserKnownHostsFile ${this.#path("known")}`,
      "  GlobalKnownHostsFile /dev/null",
      `  IdentityFile ${this.#path("user")}`,
      "  IdentitiesOnly yes",
      "  BatchMode yes",
    ];
    await writeFile(this.#path("client"), `${config.join("\n")}\n`);
    await mkdir(bin, { recursive: true });
    const { stdout } = await run("sh", ["-c", "command -v ssh"]);
    await writeFile(join(bin, "ssh"), `#!/bin/sh\nexec ${stdout.trim()} -F '${this.#path("client")}' "$@"\n`);
    await chmod(join(bin, "ssh"), 0o755);
  }

  /** The listener and all that it started, children after their parents. */
  #family(): number[] {
    const root = this.#listener?.pid;
    if (root === undefined) return [];
    const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
    const family = [root];
    for (const pid of family) for (const [child, parent] of parents) if (parent === pid) family.push(child);
    return family;
  }
}

function processes(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.setTimeout(2000, () => end(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
