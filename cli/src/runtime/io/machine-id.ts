import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "./home-folder.ts";

/**
 * What tells this home on this machine from those of others, who may have a machine of the same name;
 * undefined when nothing was made under such a name yet.
 */
export function readMachineId(home: string): string | undefined {
  try {
    return `${hostname()} ${readFileSync(fileIn(home), "utf8")}`;
  } catch {
    return undefined;
  }
}

/** The same, given one where there is none. */
export async function ensureMachineId(home: string): Promise<string> {
  const known = readMachineId(home);
  if (known !== undefined) return known;
  await homeFolder(home);
  await writeFileAtomic(fileIn(home), randomBytes(8).toString("hex"));
  // Of two that are written at the same time the later one stays.
  return ensureMachineId(home);
}

const fileIn = (home: string) => join(home, "machine-id");

/** What tells this home from others, whatever the machine is called by now. */
export async function homeDigest(home: string): Promise<string> {
  await ensureMachineId(home);
  return createHash("sha256")
    .update(readFileSync(fileIn(home)))
    .digest("hex")
    .slice(0, 12);
}
