import { basename, dirname, join } from "node:path";
import { readJson } from "../../lib/io/files.ts";
import type { Journal } from "../catalog-change.ts";
import type { Damage } from "../home-damage.ts";
import { damageOf } from "../record-check.ts";
import { misfit, journal as schema } from "../record-schemas.ts";
import { refuseDamages } from "./refuse-damages.ts";

/** The change that a crash has cut off, if there is one. It may name nothing but files of the catalog. */
export async function readJournal(path: string): Promise<Journal | undefined> {
  const found = await readJson<unknown>(path).catch((error: Error) => {
    throw refuseDamages([{ kind: "unreadable", path, says: `cannot be read (${error.message})` }]);
  });
  if (found === undefined) return undefined;
  const wrong = misfit(schema, found);
  if (wrong) refuseDamages([{ kind: "malformed", path, says: `is no journal (${wrong})` }]);
  const journal = found as Journal;
  refuseDamages(journal.writes.flatMap((write) => damageOfWrite(path, write) ?? []));
  return journal;
}

function damageOfWrite(path: string, write: Journal["writes"][number]): Damage | undefined {
  const project = dirname(write.path);
  const name = basename(write.path);
  const file = { path: join(dirname(path), write.path), project, name, content: write.content };
  const damage = damageOf(file);
  return damage && { ...damage, path, says: `would write ${write.path}, which ${damage.says}` };
}
