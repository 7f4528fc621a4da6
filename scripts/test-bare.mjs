// `npm run test-bare`: `.ci/run` as it runs on a fresh machine. The last commit is cloned into a temporary folder, HOME is
// empty, and the PATH has Node, npm, git and the programs of every system, whatever else this machine has.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeBasePath } from "./base-path.mjs";
import { note, root } from "./bootstrap.mjs";
import { endProcess, outliving } from "./processes.mjs";

/** What of npm's settings says where packages come from; the files hold keys that no setting tells. */
const npmSettings = ["userconfig", "globalconfig", "registry", "cafile", "proxy", "https-proxy"];
/** What a network needs, where there is room, and what language a terminal speaks. */
const kept =
  /^((https?|all|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|TMPDIR|LANG|LC_\w+)$/i;

const folder = realpathSync(mkdtempSync(join(tmpdir(), "ds-bare-")));
/** @type {import("node:child_process").ChildProcess | undefined} */
let current;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => current?.kill(signal === "SIGINT" ? "SIGTERM" : signal));
}

try {
  process.exitCode = await runBare();
} finally {
  for (const { pid, command } of await outliving([folder])) {
    note(`left behind: process ${pid}: ${command}`);
    endProcess(pid);
    process.exitCode ||= 1;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function runBare() {
  // For root, Postgres runs under another user, which has to get through.
  chmodSync(folder, 0o711);
  const [home, bin, clone] = ["home", "bin", "clone"].map((name) => join(folder, name));
  mkdirSync(String(home));
  if (git("status", "--porcelain") !== "") note("what is not committed is not tried");
  git("clone", "--quiet", root, String(clone));
  const { status, skipped } = await run(join(String(clone), ".ci", "run"), {
    cwd: String(clone),
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name))),
      ...npmEnvironment(),
      HOME: String(home),
      PATH: makeBasePath(String(bin)),
      CI: "true",
    },
  });
  note(`skipped on a bare machine: ${skipped.length}`);
  for (const line of skipped) process.stderr.write(`  ${line}\n`);
  note(status === 0 ? "a bare machine is enough" : `failed on a bare machine (exit ${status})`);
  return status;
}

/**
 * Shows what the command prints, and gives what it says that it has skipped.
 *
 * @param {string} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 */
async function run(command, options) {
  const child = spawn(command, [], { ...options, stdio: ["ignore", "pipe", "inherit"] });
  current = child;
  /** @type {Set<string>} */
  const skipped = new Set();
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    process.stdout.write(`${line}\n`);
    // Both commands tell of the same one; the first also says where it would run.
    const name = /^ds: skipped: (.*?)( \(npm run test-tools\))?$/.exec(line)?.[1];
    if (name) skipped.add(name);
  });
  const [status] = await once(child, "close");
  return { status: Number(status ?? 1), skipped: [...skipped] };
}

/** @param {...string} args */
function git(...args) {
  const { status, stdout } = spawnSync("git", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`git ${args[0]} failed`);
  return stdout;
}

/** Where this machine's npm takes packages from, which an empty HOME does not know. */
function npmEnvironment() {
  /** @type {NodeJS.ProcessEnv} */
  const settings = {};
  for (const key of npmSettings) {
    const { stdout } = spawnSync("npm", ["config", "get", key], { cwd: root, encoding: "utf8" });
    const value = stdout.trim();
    if (value !== "" && value !== "null" && value !== "undefined") {
      settings[`npm_config_${key.replaceAll("-", "_")}`] = value;
    }
  }
  return settings;
}
