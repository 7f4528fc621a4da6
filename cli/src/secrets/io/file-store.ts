import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Secret } from "../secret.ts";
import type { SecretStore } from "./secret-store.ts";

/** What a secret's file holds. */
interface Stored {
  name: string;
  value: string;
  createdAt: string;
  changedAt: string;
  /** Set while it waits for its deletion, which is due at `deleteAfter`. */
  deletedAt?: string;
  deleteAfter?: string;
}

const suffix = ".json";

/** One private file a secret, in the state folder of this user. */
export async function openFileSecrets({
  home,
  signal,
}: Pick<Runtime, "home" | "signal">): Promise<SecretStore> {
  const folder = await homeFolder(home, "secrets");
  // Names have slashes in them; encoded, they are one harmless file name.
  const fileOf = (name: string) => join(folder, `${encodeURIComponent(name)}${suffix}`);

  const read = async (file: string): Promise<Stored | undefined> => {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const stored = parse(text, file);
    if (!stored.deleteAfter || Date.parse(stored.deleteAfter) > Date.now()) return stored;
    await rm(file, { force: true });
    return undefined;
  };
  const write = (stored: Stored) =>
    writeFileAtomic(fileOf(stored.name), `${JSON.stringify(stored, null, 2)}\n`);
  /** Comparing and writing must not be parted by another process. */
  const alone = <T>(work: () => Promise<T>) =>
    withLock({ home, name: "secrets", signal, waitMs: 10_000, onWait: () => {} }, work);

  return {
    kind: "file",
    description: `files in ${folder}`,
    get: async (name) => {
      const stored = await read(fileOf(name));
      return stored?.deletedAt === undefined ? stored?.value : undefined;
    },
    put: (name, value) =>
      alone(async () => {
        const now = new Date().toISOString();
        const old = await read(fileOf(name));
        if (old && !old.deletedAt && old.value === value) return "unchanged";
        await write({ name, value, createdAt: old?.createdAt ?? now, changedAt: now });
        if (!old) return "created";
        return old.deletedAt ? "restored" : "updated";
      }),
    delete: (name, when) =>
      alone(async () => {
        const old = await read(fileOf(name));
        if (!old) return "absent";
        if (when === "now") {
          await rm(fileOf(name), { force: true });
          return "deleted";
        }
        if (old.deletedAt) return "absent";
        const now = Date.now();
        await write({
          ...old,
          deletedAt: new Date(now).toISOString(),
          deleteAfter: new Date(now + when.recoveryDays * 86_400_000).toISOString(),
        });
        return "deleted";
      }),
    find: async (name) => {
      const stored = await read(fileOf(name));
      return stored && withoutValue(stored);
    },
    list: async (prefix) => {
      const names = (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort();
      const all = await Promise.all(names.map((name) => read(join(folder, name))));
      return all.flatMap((stored) =>
        stored?.name.startsWith(prefix) ? [withoutValue(stored)] : [],
      );
    },
  };
}

function withoutValue({ name, createdAt, changedAt, deletedAt }: Stored): Secret {
  return { name, createdAt, changedAt, deletedAt };
}

function parse(text: string, file: string): Stored {
  try {
    return JSON.parse(text) as Stored;
  } catch {
    // Never the text itself: there is a password in it.
    throw new DsError("CONFIG_INVALID", `the secret ${file} is not valid JSON`, {
      hint: "Delete the file, and run ds deploy up again: it is written anew.",
    });
  }
}
