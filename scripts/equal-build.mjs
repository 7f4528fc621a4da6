// A build that another worktree of this repository has of the very same sources: a new worktree takes it over instead of
// building the same once more.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The folder of the build; undefined where there is none.
 *
 * @param {string} root this worktree
 * @param {readonly string[]} inputs files and folders that a build is made of, from the top of a worktree
 */
export function findEqualBuild(root, inputs) {
  const others = worktrees(root).filter((path) => isBuilt(path, inputs));
  if (others.length === 0) return undefined;
  const own = digest(root, inputs);
  const found = others.find((path) => digest(path, inputs) === own);
  return found === undefined ? undefined : join(found, "cli", "dist");
}

/** @param {string} root */
function worktrees(root) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const { status, stdout } = spawnSync("git", ["worktree", "list", "--porcelain", "-z"], {
    ...{ cwd: root, env: Object.fromEntries(kept), encoding: "utf8" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (status !== 0) return [];
  return stdout
    .split("\0")
    .flatMap((line) => (line.startsWith("worktree ") ? [line.slice("worktree ".length)] : []))
    .filter((path) => path !== root.replace(/\/$/, ""));
}

/**
 * Whether it has a build of its own sources as they are now, which nobody else can have put there.
 *
 * @param {string} path
 * @param {readonly string[]} inputs
 */
function isBuilt(path, inputs) {
  const stamp = join(path, "cli", "dist", ".built");
  if (!existsSync(stamp)) return false;
  const { mtimeMs, uid } = statSync(stamp);
  if (process.getuid !== undefined && uid !== process.getuid()) return false;
  return inputs.every(
    (each) => existsSync(join(path, each)) && newest(join(path, each)) <= mtimeMs,
  );
}

/**
 * When a file, or what is in a folder, last changed: milliseconds since 1970.
 *
 * @param {string} path
 */
export function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  /** @type {number} */
  let latest = stats.mtimeMs;
  for (const name of readdirSync(path)) latest = Math.max(latest, newest(join(path, name)));
  return latest;
}

/**
 * Of names and contents.
 *
 * @param {string} root
 * @param {readonly string[]} inputs
 */
function digest(root, inputs) {
  const hash = createHash("sha256");
  const add = (/** @type {string} */ name) => {
    const path = join(root, name);
    if (statSync(path).isDirectory()) {
      for (const each of readdirSync(path).sort()) add(`${name}/${each}`);
      return;
    }
    const content = readFileSync(path);
    hash.update(`${name}\0${content.length}\0`).update(content);
  };
  for (const each of inputs) add(each);
  return hash.digest("hex");
}
