// Says what to do when the Node in use is older than the one pinned in package.json.
// Plain JavaScript on purpose: an old Node must be able to read it.
const wanted = 24;
const major = Number(process.versions.node.split(".")[0]);
if (major < wanted) {
  process.stderr.write(
    `CoderClaw needs Node ${wanted} or newer; this is ${process.version}.\n` +
      "Run `npm ci` with install scripts allowed: it brings the pinned Node, which npm scripts then use.\n",
  );
  process.exit(1);
}
