import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "./home-folder.ts";
import { withLock } from "./lock-file.ts";

/** What ds remembers of this user, in $DS_HOME/user.json. */
export interface Settings {
  /** The name of the first set-up: the default of further checkouts. */
  developer: string | undefined;
  /** By the folder of the checkout's configuration. */
  checkouts: Record<string, CheckoutSettings>;
}

export interface CheckoutSettings {
  developer: string;
  /** Of a linked worktree: git's folder of it, by which it is found again when it was moved. */
  worktree?: string;
  /** Of a linked worktree: its own local stage. */
  stage?: string;
  /** The stage, or branch, that `ds db use` pointed it at, and the one before. */
  used?: UsedStages;
  /** The stage of each git branch that was checked out here, where the database follows git branches. */
  follows?: Record<string, string>;
  /** Of a linked worktree: the port of each configured process. */
  ports?: Record<string, number>;
}

export interface UsedStages {
  now: string;
  before: string;
  /** Until the env file says so too: what was remembered until then; null: nothing. */
  unfinished?: Omit<UsedStages, "unfinished"> | null;
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

/** Changes what is remembered while no other checkout does; writes nothing where it stays as it was. */
export async function changeSettings<T>(
  { home, signal }: { home: string; signal: AbortSignal },
  change: (settings: Settings) => T,
): Promise<T> {
  const lock = { home, name: "user-settings", signal, waitMs: 10_000, onWait: () => {} };
  return await withLock(lock, async () => {
    const settings = await readSettings(home);
    const before = JSON.stringify(settings);
    const answer = change(settings);
    if (JSON.stringify(settings) !== before) {
      await homeFolder(home);
      await writeFileAtomic(fileOf(home), `${JSON.stringify(settings, null, 2)}\n`);
    }
    return answer;
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
