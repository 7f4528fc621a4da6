/** What Drizzle's generator keeps beside a migration: the schema as it is behind it. */
export interface Snapshot {
  /** Relative to the migrations folder. */
  file: string;
  id: string;
  /** v0 has one parent, v1 may have several. */
  parents: string[];
}

/** Files of two snapshots each that two sides have made out of the same one, and that nobody has joined since. */
export function forks(snapshots: readonly Snapshot[]): [string, string][] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const lines = snapshots.map(({ id }) => lineOf(id, byId));
  const joined = (one: Snapshot, other: Snapshot) =>
    lines.some((line) => line.has(one.id) && line.has(other.id));
  const children = new Map<string, Snapshot>();
  return snapshots.flatMap((snapshot) =>
    snapshot.parents.flatMap((parent): [string, string][] => {
      const other = children.get(parent);
      children.set(parent, snapshot);
      if (other === undefined || joined(other, snapshot)) return [];
      return [[other.file, snapshot.file]];
    }),
  );
}

export const forkText = (files: [string, string]): string =>
  `${files.join(" and ")} both follow the same snapshot`;

/** The snapshot and all that it was made on top of. */
function lineOf(newest: string, byId: ReadonlyMap<string, Snapshot>): Set<string> {
  const line = new Set<string>();
  const open = [newest];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (line.has(id)) continue;
    line.add(id);
    open.push(...(byId.get(id)?.parents ?? []));
  }
  return line;
}

/** Whether a snapshot was written with this migration: they share the number, or the folder. */
export function isSnapshotOf(file: string, migration: { name: string }): boolean {
  const number = /^meta[\\/](\d+)_snapshot\.json$/.exec(file)?.[1];
  if (number !== undefined) return migration.name.split("_")[0] === number;
  return file.split(/[\\/]/)[0] === migration.name;
}
