// Prints the Homebrew formula for a packed release: `node scripts/write-formula.ts OWNER/REPO coderclaw-1.2.3.tgz`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const [repository, tarball] = process.argv.slice(2);
if (repository === undefined || tarball === undefined || !/^[\w.-]+\/[\w.-]+$/u.test(repository)) {
  process.stderr.write("Usage: node scripts/write-formula.ts OWNER/REPO coderclaw-VERSION.tgz\n");
  process.exit(2);
}
const file = basename(tarball);
const version = /^coderclaw-(?<version>\d+\.\d+\.\d+)\.tgz$/u.exec(file)?.groups?.["version"];
if (version === undefined) {
  process.stderr.write(`"${file}" is not a packed release. Make one with \`npm pack\`.\n`);
  process.exit(2);
}
const sha256 = createHash("sha256").update(readFileSync(tarball)).digest("hex");
process.stdout.write(`class Coderclaw < Formula
  desc "Text your coding agents over Apple Messages"
  homepage "https://github.com/${repository}"
  url "https://github.com/${repository}/releases/download/v${version}/${file}"
  sha256 "${sha256}"
  license "MIT"
  depends_on "node@24"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
    man1.install_symlink libexec.glob("lib/node_modules/coderclaw/dist/man/*.1")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/coderclaw --version")
  end
end
`);
