import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../scripts/test-support/needs.ts";
import { mountXfs, type Volume, xfs } from "./volume.ts";

const makers = {
  xfs: ["mkfs.xfs", "-q", "-m", "reflink=1"],
  btrfs: ["mkfs.btrfs", "-q"],
  ext4: ["mkfs.ext4", "-q", "-F"],
} as const;

export type FileSystem = keyof typeof makers;

/**
 * A volume whose power can be cut. It is an image on an XFS volume, where a reflink of the image is what is on
 * its disk at that moment, in one step: all that the volume still has in memory alone is missing in it.
 */
export class PowerCutVolume {
  readonly path: string;
  readonly #outer: Volume;
  readonly #image: string;
  #mounted = false;

  constructor(folder: string, fileSystem: FileSystem, bytes: number) {
    this.#outer = mountXfs(join(folder, "outer"), 4 * bytes);
    this.#image = join(this.#outer.path, "disk.img");
    this.path = join(folder, "volume");
    writeFileSync(this.#image, "");
    truncateSync(this.#image, bytes);
    const [program, ...options] = makers[fileSystem];
    execFileSync(program, [...options, this.#image], { stdio: "pipe" });
    mkdirSync(this.path);
    this.#mount(this.#image);
    chmodSync(this.path, 0o711);
  }

  /** Keeps what is on the disk now; to be looked at with `afterCut`. */
  cut(name: string): void {
    execFileSync("cp", ["--reflink=always", this.#image, this.#cutImage(name)]);
  }

  /** The volume as it is after that power cut, at the same path. */
  afterCut(name: string): void {
    this.#unmount();
    this.#mount(this.#cutImage(name));
  }

  end(): void {
    this.#unmount();
    rmSync(this.path, { recursive: true });
    this.#outer.unmount();
  }

  readonly #cutImage = (name: string) => join(this.#outer.path, `${name}.img`);

  #mount(image: string): void {
    execFileSync("mount", ["-o", "loop", image, this.path], { stdio: "pipe" });
    this.#mounted = true;
  }

  #unmount(): void {
    if (this.#mounted) execFileSync("umount", [this.path], { stdio: "pipe" });
    this.#mounted = false;
  }
}

/** For each file system, what a power cut on it needs. */
export const powerCuts = (fileSystem: FileSystem) =>
  tool(
    `${makers[fileSystem][0]}, mkfs.xfs and root, to mount volumes`,
    () => (xfs.find() && spawnSync(makers[fileSystem][0], ["-V"]).error === undefined) || undefined,
  );
