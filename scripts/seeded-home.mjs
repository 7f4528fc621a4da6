import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * What an engine makes of a new home before the first database: the server unpacked, and a cluster to
 * clone from with its password. It takes a second of a processor's time, and the tests make dozens of
 * homes, so within one run of the tests the first ones hand theirs on. Nobody writes to these files, so
 * links to them will do.
 */
const parts = ["admin-password", "postgres", "data/template"];

/** Only Linux' cp makes links of a whole tree; elsewhere every home starts from nothing. */
const run = process.platform === "linux" ? process.env.DS_TEST_RUN : undefined;
const seed = run && join(run, "cache", "home");

/**
 * Before the engine's first start; `home` need not be there yet.
 *
 * @param {string} home
 */
export function seedHome(home) {
  if (!seed || !existsSync(seed)) return;
  mkdirSync(home, { recursive: true, mode: 0o711 });
  link(seed, home);
}

/**
 * After the engine's end, before the home is removed.
 *
 * @param {string} home
 */
export function handOnHome(home) {
  if (!seed || existsSync(seed) || !parts.every((part) => existsSync(join(home, part)))) return;
  mkdirSync(dirname(seed), { recursive: true });
  const whole = mkdtempSync(`${seed}.`);
  try {
    link(home, whole);
    renameSync(whole, seed);
  } catch {
    // Another volume, or somebody else was faster: the next homes start from nothing, or from theirs.
    rmSync(whole, { recursive: true, force: true });
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function link(from, to) {
  for (const part of parts) {
    mkdirSync(dirname(join(to, part)), { recursive: true, mode: 0o711 });
    execFileSync("cp", ["-al", join(from, part), join(to, part)], { stdio: "pipe" });
  }
}
