import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import type { Repository } from "../repository.ts";

// What git has said of a checkout, so that it is not asked at every command. It counts while `.git` and git's
// configuration are the very files they were then: of another repository in the same folder they are not.

export type KeptRepository = Omit<Repository, "part">;

interface Entry {
  /** Of `.git`, and of git's configuration with its path. */
  dotGit: string;
  config: { path: string; mark: string };
  repository: KeptRepository;
}

type Memory = Record<string, Entry>;

const keptEntries = 50;

export function keptRepository(home: string, dotGit: string): KeptRepository | undefined {
  const entry = read(home)[dotGit];
  if (entry === undefined) return undefined;
  try {
    const isSame = entry.dotGit === mark(dotGit) && entry.config.mark === mark(entry.config.path);
    return isSame ? entry.repository : undefined;
  } catch {
    return undefined;
  }
}

export async function keepRepository(
  home: string,
  found: { dotGit: string; gitFolder: string; repository: KeptRepository },
): Promise<void> {
  const { dotGit, gitFolder, repository } = found;
  const path = join(gitFolder, "config");
  const entry: Entry = { dotGit: mark(dotGit), config: { path, mark: mark(path) }, repository };
  const { [dotGit]: _, ...others } = read(home);
  const kept = Object.entries({ ...others, [dotGit]: entry }).slice(-keptEntries);
  const folder = await homeFolder(home, "cache");
  await writeFileAtomic(fileIn(folder), JSON.stringify(Object.fromEntries(kept)));
}

const fileIn = (folder: string) => join(folder, "repositories.json");

/** Git writes in its folder all the time, but its configuration only when that changes. */
function mark(path: string): string {
  const entry = statSync(path, { bigint: true });
  return entry.isDirectory()
    ? `${entry.dev}:${entry.ino}`
    : `${entry.dev}:${entry.ino}:${entry.size}:${entry.ctimeNs}`;
}

function read(home: string): Memory {
  try {
    return JSON.parse(readFileSync(fileIn(join(home, "cache")), "utf8")) as Memory;
  } catch {
    return {};
  }
}
