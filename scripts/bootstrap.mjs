// Installs the workspace's packages with the pinned pnpm, when the lockfile says that something
// changed. Needs nothing but Node and npm, and uses nothing from node_modules.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withLock } from "./lock.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

const stamp = join(root, "node_modules", ".ds-lockfile");
const tenMinutes = 600_000;

/** What keeps pnpm from asking, from downloading another pnpm, and from counting us as its parent. */
const quietPnpm = {
  ...process.env,
  COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
  npm_config_manage_package_manager_versions: "false",
  npm_config_confirm_modules_purge: "false",
  npm_config_update_notifier: "false",
};

/** @param {string} message */
export function note(message) {
  process.stderr.write(`ds: ${message}\n`);
}

/**
 * One process at a time changes this checkout's node_modules and dist.
 *
 * @template T
 * @param {() => Promise<T>} work
 */
export function alone(work) {
  const onWait = (/** @type {number} */ pid) =>
    note(`waiting for process ${pid}, which is preparing this checkout`);
  return withLock(join(root, ".ds", "prepare.lock"), { waitMs: tenMinutes, onWait }, work);
}

/** Installs if needed. To be called within `alone`. */
export async function bootstrap() {
  if (isInstalled()) return;
  const pinned = pinnedPnpm();
  const [command, ...first] = hasPnpm(pinned) ? ["pnpm"] : ["npx", "--yes", `pnpm@${pinned}`];
  note(`installing packages (pnpm ${pinned})`);
  const result = spawnSync(
    String(command),
    [...first, "install", "--frozen-lockfile", "--reporter=append-only"],
    { cwd: root, env: quietPnpm, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" },
  );
  if (result.error || result.status !== 0) {
    throw new Error(
      `Installing packages failed${result.error ? `: ${result.error.message}` : ""}.\n` +
        `${result.stdout ?? ""}${result.stderr ?? ""}` +
        "Check that npm can reach its registry (`npm ping`), then run the command again.",
    );
  }
  writeFileSync(stamp, lockfileHash());
}

export function isInstalled() {
  try {
    return readFileSync(stamp, "utf8") === lockfileHash();
  } catch {
    return false;
  }
}

function lockfileHash() {
  return createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .update(`${process.platform}-${process.arch}`)
    .digest("hex");
}

function pinnedPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return String(packageManager)
    .replace(/^pnpm@/, "")
    .replace(/\+.*$/, "");
}

/** @param {string} version */
function hasPnpm(version) {
  const options = {
    cwd: root,
    env: quietPnpm,
    encoding: /** @type {const} */ ("utf8"),
    timeout: 20_000,
  };
  return spawnSync("pnpm", ["--version"], options).stdout?.trim() === version;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await alone(bootstrap);
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
