import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists, isMissing, readJson, removeFile, writeFileAtomic } from "../../lib/io/files.ts";
import { syncVolume } from "../../lib/io/sync-volume.ts";
import { newDataDir } from "../../model/ids.ts";
import { type AddedExtension, librarySettings } from "../added.ts";
import { isExtensionName } from "../name.ts";

/** A file of an extension: `share/extension/<name>` or `lib/<name>`. */
export interface ExtensionFile {
  path: string;
  content: Buffer;
  /** It is a link to the file of this name beside it, and has no content. */
  link?: string;
}

/**
 * The extensions that were added to the engine's Postgres, of one major version:
 *
 *     <major>/<name>/extension.json   what it is; names the folder of its files. It comes and goes in one move
 *     <major>/<name>/<id>/            share/extension and lib, as Postgres looks for them
 *
 * A folder that no extension.json names was given up, or never finished: the next start removes it, when no server
 * of an earlier one runs on it any more.
 */
export class ExtensionStore {
  readonly #directory: string;
  readonly #major: number;
  readonly #ownPath: string | undefined;

  /** @param ownPath `extension_control_path` without any that were added; default: Postgres' own */
  constructor(directory: string, major: number, ownPath?: string) {
    this.#directory = join(directory, String(major));
    this.#major = major;
    this.#ownPath = ownPath;
  }

  get directory(): string {
    return this.#directory;
  }

  /** By name. One whose description is damaged is not among them: `damaged` says so. */
  async list(): Promise<AddedExtension[]> {
    const found = await Promise.all((await this.#names()).map((name) => this.#read(name)));
    return found.filter((extension) => extension !== undefined);
  }

  /** Names of those whose extension.json cannot be used. */
  async damaged(): Promise<string[]> {
    const all = await this.#names();
    const usable = new Set((await this.list()).map(({ name }) => name));
    const isThere = await Promise.all(
      all.map(async (name) => (await this.#entries(name)).includes("extension.json")),
    );
    return all.filter((name, index) => isThere[index] && !usable.has(name));
  }

  /** What Postgres is started with. Others than `except`, and a folder that is not kept yet, where that is asked for. */
  async settings(except?: string, trial?: string): Promise<Record<string, string>> {
    const kept = (await this.list()).filter(({ name }) => name !== except);
    const folders = kept.map(({ name, folder }) => join(this.#directory, name, folder));
    return librarySettings(this.#ownPath, trial === undefined ? folders : [...folders, trial]);
  }

  folderOf({ name, folder }: Pick<AddedExtension, "name" | "folder">): string {
    return join(this.#directory, name, folder);
  }

  /** Writes the files into a folder of their own, which counts for nothing yet; returns the folder's name. */
  async write(name: string, files: readonly ExtensionFile[]): Promise<string> {
    const folder = newDataDir();
    const top = this.folderOf({ name, folder });
    // Postgres may run under another uid: whatever the umask, it has to get there and read.
    for (const part of [join(this.#directory, ".."), this.#directory, join(top, ".."), top]) {
      await openFolder(part);
    }
    for (const part of ["share", join("share", "extension"), "lib"])
      await openFolder(join(top, part));
    for (const { path, content, link } of files) {
      const file = join(top, path);
      if (link !== undefined) {
        await symlink(link, file);
        continue;
      }
      await writeFile(file, content, { flag: "wx" });
      await chmod(file, 0o644);
    }
    await syncVolume(top);
    return folder;
  }

  /** From here on it is there; in the place of one of the same name, whose files stay until the next start. */
  async keep(extension: AddedExtension): Promise<void> {
    const file = join(this.#directory, extension.name, "extension.json");
    await writeFileAtomic(file, `${JSON.stringify(extension, null, 2)}\n`, 0o644);
  }

  async discard(extension: Pick<AddedExtension, "name" | "folder">): Promise<void> {
    await rm(this.folderOf(extension), { recursive: true, force: true });
  }

  async remove(name: string): Promise<void> {
    await removeFile(join(this.#directory, name, "extension.json"));
    await rm(join(this.#directory, name), { recursive: true, force: true });
  }

  /** To be called while no server runs. */
  async settle(): Promise<void> {
    for (const name of await this.#names()) {
      const entries = await this.#entries(name);
      const known = await this.#read(name);
      // What describes its files may come back from a backup.
      if (entries.includes("extension.json") && known === undefined) continue;
      const left = entries.filter((entry) => entry !== "extension.json" && entry !== known?.folder);
      for (const entry of known ? left : [""]) {
        await rm(join(this.#directory, name, entry), { recursive: true, force: true });
      }
    }
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#directory).catch((error: Error) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names.filter(isExtensionName).sort();
  }

  #entries(name: string): Promise<string[]> {
    return readdir(join(this.#directory, name)).catch(() => []);
  }

  async #read(name: string): Promise<AddedExtension | undefined> {
    const file = join(this.#directory, name, "extension.json");
    const found = await readJson<Partial<AddedExtension> | null>(file).catch(() => undefined);
    const isUsable =
      found?.name === name &&
      found.major === this.#major &&
      typeof found.version === "string" &&
      typeof found.bytes === "number" &&
      typeof found.from === "string" &&
      typeof found.sha256 === "string" &&
      typeof found.addedAt === "string" &&
      /^\w+$/.test(found.folder ?? "");
    if (!isUsable) return undefined;
    const extension = found as AddedExtension;
    const control = join(this.folderOf(extension), "share", "extension", `${name}.control`);
    return (await exists(control)) ? extension : undefined;
  }
}

async function openFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}
