import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isTemporary } from "../../lib/io/files.ts";
import { kindOfFile, type RecordFile } from "../record-check.ts";

/** Where a catalog keeps what its changes have given up; see catalog.ts. */
export const droppedFolder = "dropped";

/** The projects' files; what cannot be read is told with them. */
export async function readRecordFiles(catalog: string): Promise<RecordFile[]> {
  const files: RecordFile[] = [];
  for (const entry of await readdir(catalog, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === droppedFolder) continue;
    const directory = join(catalog, entry.name);
    let names: string[];
    try {
      names = await readdir(directory);
    } catch (error) {
      const failure = (error as Error).message;
      files.push({ path: directory, project: entry.name, name: "project.json", failure });
      continue;
    }
    for (const name of names) {
      if (isTemporary(name) || !kindOfFile(name)) continue;
      files.push(await readOne(join(directory, name), entry.name, name));
    }
  }
  return files;
}

async function readOne(path: string, project: string, name: string): Promise<RecordFile> {
  try {
    return { path, project, name, content: JSON.parse(await readFile(path, "utf8")) };
  } catch (error) {
    return { path, project, name, failure: (error as Error).message };
  }
}
