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
    await fs.mkdir(dirname(home), { recursive: true });
    await fs.mkdir(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DsError("PREREQUISITE_MISSING", `${folder} cannot be made (${codeOf(cause)})`, {
      hint: "ds keeps its state there; set DS_HOME to a folder that you own.",
      cause,
    });
  }
  return folder;
}
