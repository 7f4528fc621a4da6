import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import type { Neon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";

// The journal of set-ups: a file with the temporary names of the projects that they were making, one a line.

/** Written before the project is asked for. */
export async function noteUnfinished(journal: string, name: string): Promise<void> {
  await writeFileAtomic(journal, [name, ...(await namesIn(journal))].join("\n"));
}

/**
 * Deletes the projects of set-ups that did not come to their end. The journal stays: the API may still be making one
 * that a killed set-up asked for.
 */
export async function removeUnfinished(neon: Neon, journal: string): Promise<void> {
  for (const name of await namesIn(journal)) {
    // A request that was repeated, as its answer was lost, may have made two.
    for (const { id } of await projectsNamed(neon, name)) await neon.deleteProject(id);
  }
}

export const projectNamed = async (neon: Neon, wanted: string): Promise<Project | undefined> =>
  (await projectsNamed(neon, wanted))[0];

const projectsNamed = async (neon: Neon, wanted: string): Promise<Project[]> =>
  (await neon.listProjects(wanted)).filter(({ name }) => name === wanted);

async function namesIn(journal: string): Promise<string[]> {
  const text = await readFile(journal, "utf8").catch(() => "");
  return text.split("\n").filter((name) => name !== "");
}
