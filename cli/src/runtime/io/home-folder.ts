import { promises as fs } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../../errors/code-of.ts";
import { DsError } from "../../errors/ds-error.ts";

/**
 * A private folder below $DS_HOME, made when it is not there. For root the home itself lets others
 * pass through, because Postgres then runs under another uid.
 */
export async function homeFolder(home: string, ...parts: string[]): Promise<string> {
  const folder = join(home, ...parts);
  try {
    await makeFolder(dirname(home));
    await makeFolder(home, process.getuid?.() === 0 ? 0o711 : 0o700);
    await makeFolder(folder, 0o700);
  } catch (cause) {
    throw new DsError("PREREQUISITE_MISSING", `${folder} cannot be made (${codeOf(cause)})`, {
      hint: "ds keeps its state there; set DS_HOME to a folder that you own.",
      cause,
    });
  }
  return folder;
}

/** With all above it. Node's own `recursive` never ends where the system takes no folders, as below /proc (Node 20.19). */
async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await fs.mkdir(path, mode);
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await fs.stat(path)).isDirectory()) return;
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await fs.mkdir(path, mode);
  }
}
