import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { withLock } from "./lock-file.ts";

/** What `ds setup` remembers of this user, in $DS_HOME/user.json. */
export interface Settings {
  /** The name of the first set-up: the default of further checkouts. */
  developer: string | undefined;
  /** By the folder of the checkout's configuration. */
  checkouts: Record<string, { developer: string }>;
}

const fileOf = (home: string) => join(home, "user.json");

export async function readSettings(home: string): Promise<Settings> {
  const text = readText(fileOf(home)) ?? "{}";
  try {
    const { developer, checkouts } = JSON.parse(text) as Partial<Settings>;
    return { developer, checkouts: checkouts ?? {} };
  } catch (cause) {
    throw new DsError("CONFIG_INVALID", `${fileOf(home)} is not valid JSON`, {
      hint: "Correct it, or delete it and run: ds setup",
      cause,
    });
  }
}

/** Stores the name for this checkout; writes nothing when it is already there. */
export async function rememberDeveloper(
  { home, signal }: { home: string; signal: AbortSignal },
  root: string,
  name: string,
): Promise<void> {
  if ((await readSettings(home)).checkouts[root]?.developer === name) return;
  const lock = { home, name: "user-settings", signal, waitMs: 10_000, onWait: () => {} };
  // Two checkouts may be set up at once, and neither may lose its name.
  await withLock(lock, async () => {
    const settings = await readSettings(home);
    settings.checkouts[root] = { developer: name };
    settings.developer ??= name;
    await writeFileAtomic(fileOf(home), `${JSON.stringify(settings, null, 2)}\n`);
  });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
