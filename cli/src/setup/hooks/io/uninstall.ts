import { existsSync } from "node:fs";
import { chmod, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { HasConfig } from "../../../config/project-config.ts";
import { runGit } from "../../../lib/git/io/run-git.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { hookNames, isOurs, suffix } from "../script.ts";
import { textOf } from "./install.ts";
import { type HookPlaces, hookPlaces, withoutGit } from "./places.ts";
import { type HookRecord, hooksHome, readRecord } from "./record.ts";

export interface Uninstalled {
  wasInstalled: boolean;
  /** Hooks that were brought back, or were nobody's and are gone. */
  hooks: string[];
  /** What another program wrote over ours, and what was kept from before it. */
  left: string[];
}

/** Brings back what was there before `ds git install`, byte for byte. */
export async function uninstallHooks(
  context: Pick<Runtime, "env"> & HasConfig,
): Promise<Uninstalled> {
  const { root } = await context.config();
  const places = await hookPlaces(context, root);
  const record = readRecord(places.commonFolder);
  if (record === undefined) return { wasInstalled: false, hooks: [], left: [] };
  const [hooks, left]: [string[], string[]] = [[], []];
  for (const folder of record.beside) {
    for (const name of hookNames) {
      const path = join(folder, name);
      const there = await textOf(path);
      const isKept = existsSync(`${path}${suffix}`);
      if (there !== undefined && !isOurs(there)) {
        if (isKept) left.push(`${path}${suffix}`);
        continue;
      }
      if (isKept) await rename(`${path}${suffix}`, path);
      else await rm(path, { force: true });
      if (isKept || there !== undefined) hooks.push(path);
    }
  }
  if (record.forward) {
    await restoreConfig(context, places, record.forward);
    hooks.push(hooksHome(places.commonFolder));
  }
  await removeNotes(places.commonFolder);
  // Last: until then it can be done again.
  await rm(hooksHome(places.commonFolder), { recursive: true, force: true });
  return { wasInstalled: true, hooks, left };
}

/** To the byte, where nobody else has changed it since. */
async function restoreConfig(
  { env }: Pick<Runtime, "env">,
  { top, commonFolder, hooksPath }: HookPlaces,
  forward: NonNullable<HookRecord["forward"]>,
): Promise<void> {
  const file = join(commonFolder, "config");
  const now = await readFile(file, "utf8");
  if (now === forward.after) {
    const { mode } = await stat(file);
    await writeFileAtomic(file, forward.before);
    await chmod(file, mode & 0o777);
    return;
  }
  if (hooksPath !== hooksHome(commonFolder)) return;
  const place = { cwd: top, env: withoutGit(env) };
  const change =
    forward.scope === "local"
      ? ["config", "--local", "core.hooksPath", forward.hooksPath]
      : ["config", "--local", "--unset", "core.hooksPath"];
  await runGit(place, change);
}

/** Which git branch each worktree's database was last switched for. */
async function removeNotes(commonFolder: string): Promise<void> {
  const worktrees = join(commonFolder, "worktrees");
  const names = await readdir(worktrees).catch(() => []);
  for (const folder of [commonFolder, ...names.map((name) => join(worktrees, name))]) {
    await rm(join(folder, "ds-branch"), { force: true });
  }
}
