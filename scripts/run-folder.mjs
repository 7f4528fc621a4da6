import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeBasePath } from "./base-path.mjs";
import { root } from "./bootstrap.mjs";

/**
 * Where one run of the tests keeps everything it writes, and the environment that sends it there.
 *
 * @typedef {{ path: string, env: NodeJS.ProcessEnv, remove: () => void }} RunFolder
 */

/**
 * What the caller's shell may have set and no test may see: it would lead to a real database. Of DS_ only what is said to the
 * tests themselves gets through.
 */
const hidden = new RegExp(
  `^(${[
    "DS_(?!(LONG|TOOLS|KILLS|SEED|TEST_ENGINE)$)",
    "(NEON|DEVSTRIDE|PULUMI|AWS|GITHUB|GH)_",
    "PG|DATABASE_URL|XDG_(CONFIG|STATE|RUNTIME)|npm_(?!config_)|TEST_TOOLS$",
  ].join("|")})`,
);

/**
 * @param {{ withTools: boolean }} options whether programs count that not every machine has
 * @returns {RunFolder}
 */
export function makeRunFolder({ withTools }) {
  const path = mkdtempSync(join(writableTemporaryFolder(), "ds-test-"));
  // As root, Postgres runs under another user, which has to get through to its data.
  chmodSync(path, 0o711);
  const tmp = join(path, "tmp");
  mkdirSync(tmp, { mode: 0o711 });
  const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
  const { NODE_EXTRA_CA_CERTS: certificates, ...rest } = Object.fromEntries(kept);
  const env = {
    ...rest,
    // Every Node reads them at its start, which takes twice as long then; tests that install get them back.
    ...(certificates ? { TEST_EXTRA_CA_CERTS: certificates } : {}),
    ...(withTools ? { TEST_TOOLS: "1" } : { PATH: makeBasePath(join(path, "bin")) }),
    TMPDIR: tmp,
    DS_TEST_RUN: path,
    // tsx, which runs the sample backend, would keep its cache in the temporary folder for good.
    TSX_DISABLE_CACHE: "1",
    XDG_CONFIG_HOME: join(path, "config"),
    XDG_STATE_HOME: join(path, "state"),
    XDG_CACHE_HOME: join(path, "cache"),
    // Every test has a home of its own; one that forgets gets this one, never the developer's.
    DS_HOME: join(path, "home"),
  };
  return { path, env, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * In memory where that is possible: dozens of Postgres clusters are made, each of which syncs its
 * files, and on a disk the run takes more than twice as long. TMPDIR overrides that.
 */
function writableTemporaryFolder() {
  const candidates = process.env.TMPDIR ? [] : [...inMemory()];
  const usable = [...candidates, tmpdir(), "/tmp"].find(
    (folder) => isWritable(folder) && letsPostgresPass(folder),
  );
  if (usable !== undefined) return usable;
  const folder = join(root, ".ds", "tmp");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** What a run takes at its most, with the tests of full disks and volumes. */
const neededBytes = 8 * 1024 ** 3;

/** Linux' shared memory, unless it is small or programs may not be run from it. */
function* inMemory() {
  const folder = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (process.platform !== "linux" || bavail * bsize < neededBytes) return;
    const probe = mkdtempSync(join(folder, "ds-probe-"));
    try {
      writeFileSync(join(probe, "program"), "#!/bin/sh\n", { mode: 0o755 });
      if (spawnSync(join(probe, "program")).status === 0) yield folder;
    } finally {
      rmSync(probe, { recursive: true });
    }
  } catch {
    // Not there, or not ours to write to: a disk will do.
  }
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * As root, Postgres runs under another user: a temporary folder of root's own is of no use then.
 *
 * @param {string} folder
 * @returns {boolean}
 */
function letsPostgresPass(folder) {
  if (process.getuid?.() !== 0) return true;
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (folder === dirname(folder) || letsPostgresPass(dirname(folder)));
}
