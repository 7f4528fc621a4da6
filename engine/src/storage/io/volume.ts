import { execFile } from "node:child_process";
import {
  access,
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { exists } from "../../lib/io/files.ts";
import { StartError } from "../../lib/start-error.ts";
import type { Home } from "../home.ts";
import { readSettings, type Settings, volumeImage, writeSettings } from "./settings.ts";

const run = promisify(execFile);

/**
 * A volume of its own for the data, on file systems that cannot share blocks (ext4): a sparse image
 * file with XFS or Btrfs inside, mounted at data/. Making and mounting it needs root, that one time
 * and after each reboot.
 */
export async function createVolume(
  home: Home,
  options: { bytes: number; owner: { uid: number; gid: number } },
  say: (line: string) => void,
): Promise<void> {
  if (process.platform !== "linux") {
    throw new StartError(
      "PREREQUISITE_MISSING",
      "Volumes are for Linux; APFS shares blocks by itself.",
    );
  }
  if (process.getuid?.() !== 0) {
    throw new StartError(
      "PREREQUISITE_MISSING",
      "Making a file system and mounting it needs root, this one time.",
      `Run: sudo env DS_HOME=${home.path} ds engine volume create`,
    );
  }
  const settings = await readSettings(home);
  if (settings.volume) {
    await ensureMounted(home, settings);
    say(`The volume is there already: ${settings.volume.image}, mounted at ${home.data}.`);
    return;
  }
  const filesystem = await findMaker();
  const image = volumeImage(home);
  const temporary = home.file("data.img.tmp");
  const mountpoint = home.file("data.new");
  await refuseIfFull(home, options.bytes);

  await rm(temporary, { force: true });
  const file = await open(temporary, "wx", 0o600);
  await file.truncate(options.bytes);
  await file.close();
  say(
    `Making ${filesystem.name} in a sparse file of at most ${gigabytes(options.bytes)}: ${image}`,
  );
  await run(filesystem.maker, [...filesystem.options, temporary]);
  await mkdir(mountpoint, { recursive: true, mode: 0o711 });
  await mount(temporary, mountpoint);
  try {
    const { mode, uid, gid } = await stat(home.data).catch(() => ({
      mode: 0o711,
      ...options.owner,
    }));
    await chown(mountpoint, uid, gid);
    await chmod(mountpoint, mode & 0o777);
    const held = await readdir(home.data).catch(() => []);
    if (held.length > 0) say("Copying what is there already");
    await run("cp", ["-a", "--sparse=always", `${home.data}/.`, mountpoint]).catch((error) => {
      if (held.length > 0) throw error;
    });
  } finally {
    await run("umount", [mountpoint]);
    await rm(mountpoint, { recursive: true, force: true });
  }
  await rename(temporary, image);
  // From here on the volume counts; an interrupted exchange is finished by ensureMounted.
  const volume = { image, filesystem: filesystem.name };
  const changed: Settings = { ...settings, volume: { ...volume, isMoving: true } };
  await writeSettings(home, changed);
  await chown(home.settingsFile, options.owner.uid, options.owner.gid);
  await chown(image, options.owner.uid, options.owner.gid);
  await ensureMounted(home, changed);
  await writeSettings(home, { ...settings, volume });
  await chown(home.settingsFile, options.owner.uid, options.owner.gid);
  say(`Mounted at ${home.data}. To have it back after a reboot, add to /etc/fstab:`);
  say(`${image} ${home.data} ${filesystem.name} loop,discard,nofail 0 0`);
}

/** Mounts the home's volume where there is one and it is not mounted; as root only. */
export async function ensureMounted(home: Home, settings: Settings): Promise<void> {
  if (!settings.volume || (await isMounted(home))) return;
  const { image } = settings.volume;
  const command = `mount -o loop,discard ${image} ${home.data}`;
  await access(image).catch(() => {
    throw new StartError(
      "CONFIG_INVALID",
      `The volume that holds all branches is gone: ${image}.`,
      "Put the file back where it was.",
    );
  });
  if (process.getuid?.() !== 0) {
    throw new StartError(
      "PREREQUISITE_MISSING",
      "The volume that holds the branches is not mounted (since a reboot?).",
      `Run: sudo ${command}`,
    );
  }
  await clearMountpoint(home, settings.volume.isMoving ?? false);
  await mount(image, home.data);
}

/** What lies where the volume belongs is removed only if it was just copied to the volume. */
async function clearMountpoint(home: Home, isCopied: boolean): Promise<void> {
  const names = await readdir(home.data).catch(() => []);
  if (names.length > 0) {
    const before = home.file("data.before-volume");
    await rename(home.data, (await exists(before)) ? `${before}.${Date.now()}` : before);
  }
  await mkdir(home.data, { recursive: true, mode: 0o711 });
  for (const name of await readdir(home.path)) {
    if (!name.startsWith("data.before-volume")) continue;
    if (isCopied) await rm(home.file(name), { recursive: true });
    else await removeEmpty(home.file(name));
  }
}

/** Directories that hold nothing, such as a start makes on a mountpoint; anything else stays. */
async function removeEmpty(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmpty(join(directory, entry.name));
  }
  await rmdir(directory).catch(() => {});
}

async function isMounted(home: Home): Promise<boolean> {
  const [inner, outer] = await Promise.all([
    stat(home.data).catch(() => undefined),
    stat(home.path),
  ]);
  return inner !== undefined && inner.dev !== outer.dev;
}

async function mount(image: string, at: string): Promise<void> {
  await run("mount", ["-o", "loop,discard", image, at]);
}

async function findMaker() {
  const makers = [
    { name: "xfs" as const, maker: "mkfs.xfs", options: ["-q", "-m", "reflink=1"] },
    { name: "btrfs" as const, maker: "mkfs.btrfs", options: ["-q"] },
  ];
  for (const filesystem of makers) {
    const found = await run(filesystem.maker, ["-V"]).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
    );
    if (found) return filesystem;
  }
  throw new StartError(
    "PREREQUISITE_MISSING",
    "Neither mkfs.xfs nor mkfs.btrfs is on this machine.",
    "Install one of them first: xfsprogs (apt-get install xfsprogs, dnf install xfsprogs) or btrfs-progs.",
  );
}

/** The file is sparse, so only what is there already has to fit now; but twice, while it is copied. */
async function refuseIfFull(home: Home, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(home.path);
  if (bavail * bsize < 512 * 1024 * 1024) {
    throw new StartError(
      "UPSTREAM",
      `Only ${gigabytes(bavail * bsize)} are free on the volume of ${home.path}.`,
      "Free some space first.",
    );
  }
  if (bytes < 512 * 1024 * 1024) {
    throw new StartError("USAGE", "A volume needs at least 512M.", "Give a larger --size.");
  }
}

const gigabytes = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GB`;
