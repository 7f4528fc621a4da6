import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { isTemporary, readJson } from "../../lib/io/files.ts";
import { firstRequiredSegment } from "../../postgres/io/control-file.ts";
import type { StepNotes } from "../../storage/data-check.ts";
import type { Home } from "../../storage/home.ts";
import type { Damage } from "../../storage/home-damage.ts";
import { baseBackup, misfit } from "../../storage/record-schemas.ts";
import type { Repair } from "../../storage/repair-plan.ts";
import { type BaseBackup, unreachable } from "../retention.ts";

/** The record in a file, or why it is none of the base with the file's name. */
export async function readBaseRecord(
  path: string,
): Promise<{ base: BaseBackup } | { wrong: Pick<Damage, "kind" | "says"> }> {
  try {
    const base = await readJson<BaseBackup>(path);
    const misfits = misfit(baseBackup, base);
    if (!base || misfits) {
      return { wrong: { kind: "malformed", says: `is no base's record (${misfits})` } };
    }
    if (`${base.name}.json` === basename(path)) return { base };
    return { wrong: { kind: "misplaced", says: `holds the record of the base ${base.name}` } };
  } catch (error) {
    return { wrong: { kind: "unreadable", says: `cannot be read (${(error as Error).message})` } };
  }
}

/** Records of bases that are there and wrong; not of what an interrupted step has left. */
export async function damagedBases(
  home: Home,
  { dropped, unfinished }: StepNotes,
): Promise<Damage[]> {
  const damages: Damage[] = [];
  for (const dataDir of await readdir(home.history)) {
    if (dropped.has(dataDir)) continue;
    const directory = join(home.history, dataDir);
    for (const name of await readdir(directory).catch(() => [])) {
      if (!name.endsWith(".json") || isTemporary(name)) continue;
      if (unfinished.has(name.slice(0, -".json".length))) continue;
      const path = join(directory, name);
      const found = await readBaseRecord(path);
      if ("wrong" in found) damages.push({ ...found.wrong, path });
    }
  }
  return damages;
}

/** The record made again from the base itself; set aside where that cannot be read. */
export async function repairOfBase({ path, says }: Damage): Promise<Repair> {
  const directory = path.slice(0, -".json".length);
  try {
    const base: BaseBackup = {
      name: basename(directory),
      // It was whole when it was moved to its place: a later moment than the one that is lost, never an earlier one.
      validFrom: (await stat(directory)).ctime.toISOString(),
      // Where its history began in the log is lost: by position it is not chosen, and a new base is taken soon.
      validFromLsn: unreachable,
      firstSegment: await firstRequiredSegment(directory),
    };
    const text = `${JSON.stringify(base)}\n`;
    return { path, says: `Make the record of a base again from ${directory}: ${path}`, text };
  } catch (error) {
    const why = (error as Error).message;
    return { path, says: `Set aside ${path}: it ${says}, and its base does not tell (${why})` };
  }
}
