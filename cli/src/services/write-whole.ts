import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";

/** Writes a file that nobody ever sees half: a temporary name beside it, mode 0600, then a rename. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  const file = await fs.open(temporary, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await fs.rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await fs.rm(temporary, { force: true });
    throw error;
  }
}
