import type { Identity } from "../model/identity.ts";
import type { Damage } from "./home-damage.ts";
import type { FoundRecords } from "./record-check.ts";

/** What a directory of `data/pgdata` is, as far as it can be told without starting a server. */
export interface FoundData {
  name: string;
  path: string;
  /** Whether Postgres' control file is there. */
  isCluster: boolean;
  /** Postgres' major version, as its own file has it. */
  version?: number;
  identity?: Identity;
}

/** What the journal knows of steps that were cut off. */
export interface StepNotes {
  /** Data directories that a change of the catalog has given up. */
  dropped: ReadonlySet<string>;
  /** Those that were being made. */
  unfinished: ReadonlySet<string>;
}

/** What is wrong between the records and the data directories. */
export function checkData(
  records: Omit<FoundRecords, "damages">,
  directories: readonly FoundData[],
  notes: StepNotes,
  at: { pgdata: string; record: (project: string, id: string) => string },
): Damage[] {
  const damages: Damage[] = [];
  const holders = [...records.branches.map(({ branch }) => branch), ...records.snapshots];
  const byName = new Map(directories.map((directory) => [directory.name, directory]));
  const versions = new Map(records.projects.map(({ id, pgVersion }) => [id, pgVersion]));
  for (const holder of holders) {
    // Its data is still being made; the start settles what became of it.
    if ("pending" in holder && holder.pending?.kind === "create") continue;
    const { name, id, dataDir, projectId } = holder;
    const directory = byName.get(dataDir);
    const version = versions.get(projectId);
    if (directory?.isCluster && version !== undefined && directory.version !== version) {
      const path = `${directory.path}/PG_VERSION`;
      const says = `does not hold ${version}, the version of Postgres of ${name} (${id})`;
      damages.push({ kind: "missing-version", path, says });
    }
    if (!directory?.isCluster) {
      const path = `${at.pgdata}/${dataDir}`;
      const says = directory ? "is no data directory of Postgres" : "is missing";
      damages.push({
        kind: "missing-data",
        path,
        says: `${says}; it is the data of ${name} (${id})`,
      });
    }
    const told = directory?.identity?.dataDir;
    // A copy that an earlier version of ds has made has the identity of what it was copied from.
    const isCopy = told !== undefined && byName.get(told)?.identity?.dataDir === told;
    if (directory && told !== undefined && told !== dataDir && !isCopy) {
      const says = `holds the data directory ${told}, by the identity file in it, and ${name} (${id}) refers to it`;
      damages.push({ kind: "exchanged-data", path: directory.path, says });
    }
  }
  for (const [id, { project }] of lost(records, directories, notes)) {
    const path = at.record(project.id, id);
    damages.push({ kind: "missing-record", path, says: "is missing; its data is there" });
  }
  return damages;
}

/** Identities whose record is not there any more although nobody has deleted it, by the record's id. */
function lost(
  { branches, snapshots }: Pick<FoundRecords, "branches" | "snapshots">,
  directories: readonly FoundData[],
  { dropped, unfinished }: StepNotes,
): Map<string, Identity> {
  const known = new Set([
    ...branches.map(({ branch }) => branch.id),
    ...snapshots.map((s) => s.id),
  ]);
  const found = new Map<string, Identity>();
  for (const { name, identity, isCluster } of directories) {
    if (!isCluster || identity?.dataDir !== name || dropped.has(name) || unfinished.has(name))
      continue;
    const id = idOf(identity);
    if (!known.has(id)) found.set(id, identity);
  }
  return found;
}

/** Of the branch or the snapshot. */
export const idOf = (identity: Identity): string =>
  "branch" in identity ? identity.branch.branch.id : identity.snapshot.id;
