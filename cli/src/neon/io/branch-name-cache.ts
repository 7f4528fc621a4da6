import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import { projectKey } from "../project-key.ts";

/** For the next completion. Nothing is written when nothing has changed. */
export async function rememberBranchNames(
  home: string,
  api: string,
  project: string,
  names: readonly string[],
): Promise<void> {
  const text = JSON.stringify(names);
  if (text === JSON.stringify(rememberedBranchNames(home, api, project))) return;
  await homeFolder(home, "cache", "branch-names");
  await writeFileAtomic(memoryOf(home, api, project), text);
}

export function rememberedBranchNames(home: string, api: string, project: string): string[] {
  try {
    return JSON.parse(readFileSync(memoryOf(home, api, project), "utf8"));
  } catch {
    return [];
  }
}

const memoryOf = (home: string, api: string, project: string) =>
  join(home, "cache", "branch-names", `${projectKey(api, project)}.json`);
