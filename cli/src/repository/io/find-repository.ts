import { realpathSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { dotGitAbove } from "../../lib/git/io/dot-git.ts";
import type { Environment } from "../../lib/process/environment.ts";
import type { Repository } from "../repository.ts";
import { keepRepository, keptRepository } from "./repository-cache.ts";

interface Place {
  env: Environment;
  home: string;
}

/** Which repository a folder belongs to. Git is asked only where it was not, or its configuration has changed since. */
export async function findRepository(place: Place, folder: string): Promise<Repository> {
  const root = realpathSync(folder);
  const dotGit = dotGitAbove(root);
  if (dotGit === undefined) return plainFolder(root);
  const part = relative(dirname(dotGit), root).split(sep).join("/");
  const kept = keptRepository(place.home, dotGit);
  if (kept !== undefined) return { ...kept, part };
  const { askGit } = await import("./ask-git.ts");
  const found = await askGit(place.env, dirname(dotGit));
  if (found === undefined) return { ...plainFolder(dirname(dotGit)), part };
  const { gitFolder, ...repository } = found;
  if (repository.remote !== undefined || repository.rootCommit !== undefined) {
    // Without it the next command asks again.
    await keepRepository(place.home, { dotGit, gitFolder, repository }).catch(() => {});
  }
  return { ...repository, part };
}

const plainFolder = (folder: string): Repository => ({
  remote: undefined,
  rootCommit: undefined,
  folder,
  part: "",
});
