import { statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../errors/code-of.ts";

/** Whether git still has a repository in this folder, or as it. What cannot be looked at is there. */
export const isRepositoryThere = (folder: string): boolean =>
  [".git", "HEAD"].some((name) => {
    try {
      return statSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      return codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR";
    }
  });
