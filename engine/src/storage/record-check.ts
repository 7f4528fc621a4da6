import type { BranchFile } from "../model/branch-file.ts";
import type { BranchRecord, ProjectRecord, SnapshotRecord } from "../model/records.ts";
import type { Damage } from "./home-damage.ts";
import * as schemas from "./record-schemas.ts";

/** A file of the catalog as it was found: `<project>/<name>`. */
export interface RecordFile {
  path: string;
  project: string;
  name: string;
  /** What it holds; left out where it cannot be read. */
  content?: unknown;
  /** Why it cannot be read. */
  failure?: string;
}

export interface FoundRecords {
  projects: ProjectRecord[];
  branches: BranchFile[];
  snapshots: SnapshotRecord[];
  damages: Damage[];
}

/** Which record a file of this name holds. */
export function kindOfFile(name: string): "project" | "branch" | "snapshot" | undefined {
  if (name === "project.json") return "project";
  if (/^br-.*\.json$/.test(name)) return "branch";
  return /^snap-.*\.json$/.test(name) ? "snapshot" : undefined;
}

/** The records in the files, and what is wrong with these and with what they refer to. */
export function checkRecords(files: readonly RecordFile[]): FoundRecords {
  const found: FoundRecords = { projects: [], branches: [], snapshots: [], damages: [] };
  for (const file of files) {
    const damage = damageOf(file);
    if (damage) found.damages.push(damage);
    else addTo(found, file);
  }
  found.damages.push(...referenceDamages(files, found));
  return found;
}

const schemaOf = {
  project: schemas.projectRecord,
  branch: schemas.branchFile,
  snapshot: schemas.snapshotRecord,
};

/** What is wrong with a file by itself. */
export function damageOf(file: RecordFile): Damage | undefined {
  const { path, name, content, failure } = file;
  const kind = kindOfFile(name);
  if (!kind) return undefined;
  if (failure !== undefined) {
    return { kind: "unreadable", path, says: `cannot be read (${failure})` };
  }
  const version = (content as { version?: unknown } | null)?.version;
  if (version !== undefined && version !== schemas.recordVersion) {
    return {
      kind: "other-version",
      path,
      says: `has the format ${JSON.stringify(version)}, which this version of ds does not know`,
    };
  }
  const wrong = schemas.misfit(schemaOf[kind], content);
  if (wrong) return { kind: "malformed", path, says: `is no ${kind}'s record (${wrong})` };
  const misplaced = misplacement(file, kind);
  return misplaced === undefined ? undefined : { kind: "misplaced", path, says: misplaced };
}

/** Each record tells its own place, so that one which was exchanged with another is noticed. */
function misplacement({ project, name, content }: RecordFile, kind: string): string | undefined {
  if (kind === "project") {
    const { id } = content as ProjectRecord;
    return id === project ? undefined : `holds the record of project ${id}`;
  }
  const file = content as BranchFile;
  const record: BranchRecord | SnapshotRecord =
    kind === "branch" ? file.branch : (content as SnapshotRecord);
  if (`${record.id}.json` !== name) return `holds the record of ${record.id}`;
  if (record.projectId !== project) return `holds a record of project ${record.projectId}`;
  const foreign =
    kind === "branch" &&
    file.endpoints.find(
      ({ branchId, projectId }) => branchId !== record.id || projectId !== project,
    );
  return foreign ? `holds endpoint ${foreign.id} of ${foreign.branchId}` : undefined;
}

function addTo(found: FoundRecords, { name, content }: RecordFile): void {
  const { version: _, ...record } = content as { version?: number };
  const kind = kindOfFile(name);
  if (kind === "project") found.projects.push(record as unknown as ProjectRecord);
  if (kind === "branch") found.branches.push(record as unknown as BranchFile);
  if (kind === "snapshot") found.snapshots.push(record as unknown as SnapshotRecord);
}

function referenceDamages(
  files: readonly RecordFile[],
  { projects, branches, snapshots }: FoundRecords,
): Damage[] {
  const damages: Damage[] = [];
  const pathOf = (project: string, name: string) => siblingPath(files, project, name);
  const isFile = (project: string, name: string) =>
    files.some((file) => file.project === project && file.name === name);
  const projectsWithRecords = new Set(
    files.filter(({ name }) => kindOfFile(name)).map(({ project }) => project),
  );
  for (const project of projectsWithRecords) {
    if (isFile(project, "project.json")) continue;
    const path = pathOf(project, "project.json");
    damages.push({ kind: "missing-record", path, says: "is missing; its branches are there" });
  }
  const ids = new Set(branches.map(({ branch }) => branch.id));
  for (const { branch } of branches) {
    const { parentId, projectId, name } = branch;
    if (!parentId || ids.has(parentId) || isFile(projectId, `${parentId}.json`)) continue;
    const path = pathOf(projectId, `${parentId}.json`);
    damages.push({
      kind: "missing-parent",
      path,
      says: `is missing; the branch ${name} was made from it`,
    });
  }
  damages.push(...sharedData(branches, snapshots, pathOf));
  for (const { id, name } of projects) {
    const own = files.filter((file) => file.project === id && kindOfFile(file.name) === "branch");
    const readable = branches.filter(({ branch }) => branch.projectId === id);
    if (readable.length < own.length) continue;
    if (readable.filter(({ branch }) => branch.default).length === 1) continue;
    const says =
      readable.length === 0
        ? `is a project without branches (${name}): their records are missing`
        : `is a project (${name}) without exactly one default branch`;
    damages.push({ kind: "no-default", path: pathOf(id, "project.json"), says });
  }
  return damages;
}

/** Two servers on one data directory would destroy it. */
function sharedData(
  branches: readonly BranchFile[],
  snapshots: readonly SnapshotRecord[],
  pathOf: (project: string, name: string) => string,
): Damage[] {
  const holders = new Map<string, string>();
  const damages: Damage[] = [];
  for (const record of [...branches.map(({ branch }) => branch), ...snapshots]) {
    const { dataDir, id, projectId } = record;
    const other = holders.get(dataDir);
    if (other === undefined) holders.set(dataDir, id);
    else {
      damages.push({
        kind: "shared-data",
        path: pathOf(projectId, `${id}.json`),
        says: `refers to the data directory of ${other}`,
      });
    }
  }
  return damages;
}

/** Where a file that is not there would lie, by the files beside it. */
function siblingPath(files: readonly RecordFile[], project: string, name: string): string {
  const sibling = files.find((file) => file.project === project);
  if (!sibling) return `${project}/${name}`;
  return sibling.path.slice(0, sibling.path.length - sibling.name.length) + name;
}
