import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import { projectKey } from "../../../neon/project-key.ts";
import { homeFolder } from "../../../runtime/io/home-folder.ts";
import type { PhaseName } from "../../model/phases.ts";

/** What a run has begun; it is deleted when the run ends, so one that is found is of a run that was killed. */
export interface JournalEntry {
  pid: number;
  startedAt: string;
  organization: string;
  phase: PhaseName;
  phaseAt: string;
  /** Where the run may have left branches, by project id. */
  projects: string[];
}

export interface Journal {
  read(): Promise<JournalEntry | undefined>;
  write(entry: JournalEntry): Promise<void>;
  end(): Promise<void>;
}

/** One a project, in the home. */
export async function openJournal(home: string, api: string, projectId: string): Promise<Journal> {
  const path = join(await homeFolder(home, "refresh"), `${projectKey(api, projectId)}.json`);
  return {
    read: async () => {
      const text = await readFile(path, "utf8").catch(() => undefined);
      try {
        return text === undefined ? undefined : (JSON.parse(text) as JournalEntry);
      } catch {
        // Not written by this program: there is nothing in it that the branches' names do not tell.
        return undefined;
      }
    },
    write: (entry) => writeFileAtomic(path, `${JSON.stringify(entry, null, 2)}\n`),
    end: () => rm(path, { force: true }),
  };
}
