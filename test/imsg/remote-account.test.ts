// An account behind a script that uses SSH: what it says of a line that is down, and how soon it is back.
import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { Mac } from "./mac.ts";

const REACH = {
  kind: "wrapper",
  remote: { user: "bot", host: "mac", port: undefined },
  identityFile: undefined,
  options: [],
} as const;
/** So slow that only another limit can bring it back. */
const SLOW = { minMs: 30_000, maxMs: 60_000 };

it("is back soon after a machine that could not be reached", async () => {
  await using mac = await Mac.create("v1");
  const refused = "echo 'ssh: connect to host mac port 22: Connection refused' >&2; exit 255";
  const cliPath = await mac.program(
    "by-ssh",
    `#!/bin/sh\n[ -e '${mac.dir}/up' ] || { ${refused}; }\nexec '${mac.cli}' "$@"`,
  );
  const timing = { backoff: SLOW, unreachableMs: 100 };
  await using account = mac.account({ transport: { cliPath, reach: REACH }, timing });
  await account.until(() => account.health.reading.restarts >= 2);
  expect(account.health.reading.reason).toBe("bot@mac takes no SSH connections (connection refused)");
  await writeFile(`${mac.dir}/up`, "");
  await account.watching();
});

it("does not hurry where somebody has to do something", async () => {
  await using mac = await Mac.create("v1");
  const cliPath = await mac.program(
    "by-ssh",
    "#!/bin/sh\necho 'Host key verification failed.' >&2; exit 255",
  );
  const timing = { backoff: SLOW, unreachableMs: 10 };
  await using account = mac.account({ transport: { cliPath, reach: REACH }, timing });
  await account.until(() => account.health.reading.state === "waiting");
  expect(account.health.reading.reason).toBe("the host key of bot@mac is not known here");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(account.health.reading.restarts).toBe(1);
});
