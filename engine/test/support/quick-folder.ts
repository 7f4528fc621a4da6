import { existsSync, statfsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";
const plenty = 4 * 1024 ** 3;

/**
 * A new temporary folder, in memory where there is plenty: for tests that make hundreds of branches,
 * none of which has to survive, and that would measure the disk otherwise.
 */
export function quickFolder(): Promise<string> {
  const isQuick = existsSync(memory) && freeBytes(memory) > plenty;
  return mkdtemp(join(isQuick ? memory : tmpdir(), "ds-engine-"));
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
