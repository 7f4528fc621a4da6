import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../../errors/code-of.ts";
import type { HookSettings } from "../script.ts";

/** What an installation has done to a repository, in git's folder that all its worktrees share. */
export interface HookRecord {
  settings: HookSettings;
  /** Folders in which hooks lie beside what was there: one for all worktrees, or one each. */
  beside: string[];
  /** Where git was given another folder: what its configuration was, so that it can be again. */
  forward?: { before: string; after: string; hooksPath: string; scope: string };
}

export const hooksHome = (commonFolder: string) => join(commonFolder, "ds-hooks");
export const recordFile = (commonFolder: string) => join(hooksHome(commonFolder), "installed.json");

export function readRecord(commonFolder: string): HookRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(commonFolder), "utf8")) as HookRecord;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
