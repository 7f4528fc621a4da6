// `npm run test-nodes`: the tests under the newer versions of Node that are supported, besides the one that runs this.
// Arguments go to Vitest. The programs come from npm's packages `node-<platform>-<architecture>`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { note, root } from "./bootstrap.mjs";

/** Exact, as every version here; each is the newest of its line when it was written. */
const versions = ["22.23.5", "24.22.3"];

const folder = mkdtempSync(join(tmpdir(), "ds-nodes-"));
/** @type {string[]} */
const failed = [];
try {
  for (const version of versions) {
    const bin = install(version);
    if (bin === undefined) {
      note(`Node ${version}: cannot be had here; its run is skipped`);
      continue;
    }
    note(`Node ${version}`);
    const { status } = spawnSync(
      join(bin, "node"),
      ["scripts/test.mjs", ...process.argv.slice(2)],
      {
        cwd: root,
        stdio: "inherit",
        env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
      },
    );
    if (status !== 0) failed.push(version);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const version of failed) note(`failed: Node ${version}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/**
 * The folder of that version's `node`, or undefined where the registry has none for this machine.
 *
 * @param {string} version
 */
function install(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(folder, version);
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--silent", "--prefix", prefix];
  const { status } = spawnSync("npm", [...args, `${name}@${version}`], { stdio: "inherit" });
  const bin = join(prefix, "node_modules", name, "bin");
  return status === 0 && readdirSync(bin).includes("node") ? bin : undefined;
}
