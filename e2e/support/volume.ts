import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { condition, tool } from "../../scripts/test-support/needs.ts";

export interface Volume {
  path: string;
  /** Bytes that are in use on it. */
  used(): number;
  unmount(): void;
}

/** A new file system of this size in memory, such as `60M`. */
export function mountTmpfs(path: string, size: string): Volume & { resize(size: string): void } {
  mkdirSync(path);
  mount("-t", "tmpfs", "-o", `size=${size},mode=0711`, "tmpfs", path);
  const resize = (next: string) => mount("-o", `remount,size=${next}`, path);
  return { path, used: () => usedOn(path), resize, unmount: () => unmount(path) };
}

/** A new XFS file system with reflinks, in an image file of this size that takes space as it fills. */
export function mountXfs(path: string, bytes: number): Volume {
  const image = `${path}.img`;
  writeFileSync(image, "");
  truncateSync(image, bytes);
  execFileSync("mkfs.xfs", ["-q", "-m", "reflink=1", image]);
  mkdirSync(path);
  mount("-o", "loop", image, path);
  chmodSync(path, 0o711);
  const end = () => {
    unmount(path);
    rmSync(image);
  };
  return { path, used: () => usedOn(path), unmount: end };
}

export const tmpfs = condition("root, to mount a tmpfs", () =>
  tried((folder) => mountTmpfs(join(folder, "probe"), "1M")),
);

export const xfs = tool(
  "mkfs.xfs and root, to mount a volume",
  () =>
    (spawnSync("mkfs.xfs", ["-V"]).status === 0 &&
      tried((folder) => mountXfs(join(folder, "probe"), 320 * 2 ** 20))) ||
    undefined,
);

function tried(make: (folder: string) => Volume): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "probe-"));
  try {
    make(folder).unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function mount(...args: string[]): void {
  execFileSync("mount", args, { stdio: ["ignore", "ignore", "pipe"] });
}

function unmount(path: string): void {
  execFileSync("umount", [path], { stdio: ["ignore", "ignore", "pipe"] });
  rmSync(path, { recursive: true });
}

function usedOn(path: string): number {
  execFileSync("sync", ["-f", path]);
  const { blocks, bfree, bsize } = statfsSync(path);
  return (blocks - bfree) * bsize;
}
