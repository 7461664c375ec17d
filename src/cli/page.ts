// `coderclaw page`: a link that signs a browser in to the control page, with a QR code for the phone; `page allow` admits an address.
import type { Command } from "commander";
import type { PageLink } from "../control/page/link.ts";
import { findControl } from "../gateway/open-state.ts";
import { needGateway } from "./client.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { openInBrowser } from "./open-in-browser.ts";

interface Options extends GlobalOptions {
  readonly open?: boolean;
  readonly json?: boolean;
}

/** Adds `page`. */
export function register(program: Command, cli: Cli): void {
  const page = program
    .command("page")
    .summary("open the control page")
    .description(
      "Prints a link that signs one browser in to the control page for 30 days, and opens it where there is a browser.\n" +
        "The link is good for five minutes, once. With gateway.publicUrls set there is a QR code for your phone too.",
    )
    .helpCommand(false)
    .option("--no-open", "print the link only")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw page", "open the page"],
        ["coderclaw page --no-open", "on a machine without a screen"],
      ),
    )
    .action(async (_options, command: Command) => show(cli, command.optsWithGlobals()));
  page
    .command("allow")
    .summary("let browsers come by another address")
    .description(
      "Adds an address to gateway.publicUrls: a proxy, a Tailscale name, an address in your network. A running gateway takes it over at once.",
    )
    .argument("<url>", "the address as the browser shows it, with its path")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(["coderclaw page allow https://mac.tail1234.ts.net/", "behind Tailscale Serve"]),
    )
    .action(async (url: string, _options, command: Command) => allow(cli, url, command.optsWithGlobals()));
}

async function show(cli: Cli, options: Options): Promise<void> {
  const link = await needGateway<PageLink>(await findControl(options), {
    method: "POST",
    path: "/api/page-links",
    body: { linkFrom: "command line" },
  });
  if (options.json) return cli.printJson(link);
  const isOpened = options.open !== false && process.stdout.isTTY && (await openInBrowser(link.here));
  cli.print(isOpened ? "The control page opens in your browser. If it does not:" : "Open the control page:");
  cli.print(`\n  ${link.here}\n`);
  const [first, ...others] = link.elsewhere;
  if (first !== undefined) {
    const { renderUnicodeCompact } = await import("uqr");
    cli.print("On your phone:");
    cli.print(`\n${indent(renderUnicodeCompact(first, { ecc: "L", border: 2 }))}\n\n  ${first}`);
    for (const other of others) cli.print(`  ${other}`);
    cli.print("");
  }
  cli.print(
    "The link works once, for 5 minutes. See who is signed in with `coderclaw gateway sessions list`.",
  );
  if (first === undefined)
    cli.print("To open it on your phone, see docs/page.md, then run `coderclaw page allow URL`.");
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

async function allow(cli: Cli, url: string, options: Options): Promise<void> {
  const { addPublicUrl } = await import("../control/page/public-urls.ts");
  const change = await addPublicUrl(url, options.config);
  if (options.json) return cli.printJson(change);
  cli.print(
    change.changed
      ? `Allowed ${change.url}. Reload the page in your browser.`
      : `${change.url} is allowed already.`,
  );
}
