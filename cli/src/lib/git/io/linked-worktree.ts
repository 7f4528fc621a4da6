import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { dotGitAbove } from "./dot-git.ts";

/** A worktree besides the repository's main one (`git worktree add`). */
export interface LinkedWorktree {
  /** Git's own name for it, which stays when it is moved. */
  name: string;
  /** Git's folder of it, such as `/shop/.git/worktrees/feature`. */
  gitFolder: string;
  /** Its top folder. */
  top: string;
  /** Where git has it, if that is another folder which is there: then this one was copied from it. */
  copyOf: string | undefined;
}

/**
 * The linked worktree that a folder is in; undefined in a main worktree, a submodule, and outside of git. Read from git's
 * files, without a process, so that `GIT_DIR` does not count. One whose folder git has pruned keeps its name.
 */
export function linkedWorktree(folder: string): LinkedWorktree | undefined {
  const dotGit = dotGitAbove(realpathSync(folder));
  if (dotGit === undefined || !lstatSync(dotGit).isFile()) return undefined;
  const gitFolder = folderOf(dotGit);
  if (gitFolder === undefined) return undefined;
  const isLinked = existsSync(gitFolder)
    ? existsSync(join(gitFolder, "commondir"))
    : basename(dirname(gitFolder)) === "worktrees";
  if (!isLinked) return undefined;
  const known = realPath(gitFolder);
  return {
    name: basename(known),
    gitFolder: known,
    top: dirname(dotGit),
    copyOf: original(dotGit, known),
  };
}

/** Whether git still has it, and its folder is there. */
export function isWorktreeThere(gitFolder: string): boolean {
  const dotGit = placeOf(gitFolder);
  return dotGit !== undefined && existsSync(dotGit);
}

function original(dotGit: string, gitFolder: string): string | undefined {
  const place = placeOf(gitFolder);
  if (place === undefined || !existsSync(place) || realPath(place) === realPath(dotGit)) {
    return undefined;
  }
  const its = folderOf(place);
  return its !== undefined && realPath(its) === gitFolder ? dirname(place) : undefined;
}

/** The `.git` that git remembers of a worktree. */
function placeOf(gitFolder: string): string | undefined {
  const path = firstLine(join(gitFolder, "gitdir"));
  return path === undefined ? undefined : resolve(gitFolder, path);
}

/** What the file `.git` of a worktree or submodule leads to. */
function folderOf(dotGit: string): string | undefined {
  const path = /^gitdir: (.+)$/.exec(firstLine(dotGit) ?? "")?.[1];
  return path === undefined ? undefined : resolve(dirname(dotGit), path);
}

function firstLine(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").split("\n", 1)[0]?.trimEnd() || undefined;
  } catch {
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
