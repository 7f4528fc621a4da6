import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The `.git` of the checkout that a folder is in: a folder, or the file of a linked worktree or a submodule.
 * Undefined outside of a checkout. Without a process for git.
 */
export function dotGitAbove(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, ".git");
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}
