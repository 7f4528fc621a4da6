import type { BranchFile } from "../model/branch-file.ts";
import { defaultEndpointSettings } from "../model/default-settings.ts";
import type { Identity } from "../model/identity.ts";
import type { BranchRecord, ProjectRecord, SnapshotRecord } from "../model/records.ts";
import { checkData, type FoundData, idOf, type StepNotes } from "./data-check.ts";
import type { Damage } from "./home-damage.ts";
import { checkRecords, type FoundRecords, kindOfFile, type RecordFile } from "./record-check.ts";
import { recordVersion } from "./record-schemas.ts";

/** One step of a repair: what lies at the path is kept aside, and `content` or `text` is written there, if there is any. */
export interface Repair {
  path: string;
  /** What is done, as one sentence. */
  says: string;
  /** A record. */
  content?: object;
  /** What another file holds. */
  text?: string;
}

export interface HomeState {
  files: readonly RecordFile[];
  directories: readonly FoundData[];
  notes: StepNotes;
  at: { pgdata: string; record: (project: string, id: string) => string };
  /** Major version of Postgres, for a project of which nothing is left. */
  pgVersion: number;
  now: string;
}

/** What can be made right again from the data directories' own records, and what cannot. */
export function planRepair(state: HomeState): { repairs: Repair[]; left: Damage[] } {
  const repairs: Repair[] = [];
  const left: Damage[] = [];
  let files = [...state.files];
  let directories = [...state.directories];
  // Each repair can uncover what its record refers to; none is made twice at one place for one reason.
  for (let round = 0; round < 10 * (files.length + state.directories.length + 1); round += 1) {
    const found = checkRecords(files);
    const damages = [
      ...found.damages,
      ...checkData(found, directories, state.notes, state.at).filter(
        // One that is there and wrong is told already.
        ({ kind, path }) => kind !== "missing-record" || !files.some((file) => file.path === path),
      ),
    ];
    const open = damages.filter(
      ({ path, kind }) => !left.some((l) => l.path === path && l.kind === kind),
    );
    // Which branches a project has is known once every record is back that can be.
    const damage = open.find(({ kind }) => kind !== "no-default") ?? open[0];
    if (!damage) break;
    const repair = mend(damage, { ...state, files, directories }, found);
    if (!repair) left.push(damage);
    else {
      repairs.push(repair);
      if (repair.text === undefined) files = after(files, repair);
      else directories = withVersion(directories, repair);
    }
  }
  return { repairs: lastOfEach(repairs), left };
}

type Mend = (damage: Damage, state: HomeState, found: FoundRecords) => Repair | undefined;

function mend(damage: Damage, state: HomeState, found: FoundRecords): Repair | undefined {
  return mends[damage.kind](damage, state, found);
}

const restoreOrSetAside: Mend = (damage, state, found) =>
  restored(damage.path, state, found) ?? {
    path: damage.path,
    says: `Set aside ${damage.path}: it ${damage.says}, and no data directory tells what it held`,
  };

const mends: Record<Damage["kind"], Mend> = {
  unreadable: restoreOrSetAside,
  malformed: restoreOrSetAside,
  misplaced: restoreOrSetAside,
  "missing-record": (damage, state, found) => restored(damage.path, state, found),
  "missing-parent": (damage, state, found) =>
    restored(damage.path, state, found) ?? orphanMadeRoot(damage, state, found),
  "missing-data": withoutData,
  "missing-version": versionOf,
  "shared-data": (damage, state, found) => restored(damage.path, state, found) ?? unshared(damage),
  "no-default": withDefault,
  // Whoever has written or exchanged these knows better.
  "other-version": () => undefined,
  "exchanged-data": () => undefined,
  // These are mended beside the records: see lifecycle/io/repair.ts.
  "missing-secret": () => undefined,
  "no-folder": () => undefined,
};

/** The record as a data directory remembers it. */
function restored(path: string, state: HomeState, found: FoundRecords): Repair | undefined {
  const [project = "", name = ""] = path.split("/").slice(-2);
  if (kindOfFile(name) === "project") return restoredProject(path, project, state);
  const identity = identities(state).find((known) => `${idOf(known)}.json` === name);
  if (!identity || identity.project.id !== project) return undefined;
  const content = "branch" in identity ? fitting(identity.branch, found) : identity.snapshot;
  const what =
    "branch" in identity
      ? `branch ${identity.branch.branch.name}`
      : `snapshot ${identity.snapshot.name}`;
  const says = `Restore the record of ${what} from ${state.at.pgdata}/${identity.dataDir}: ${path}`;
  return sameContent(path, content, state) ? undefined : { path, says, content };
}

function restoredProject(path: string, id: string, state: HomeState): Repair {
  const identity = identities(state).find(({ project }) => project.id === id);
  if (identity) {
    const says = `Restore the record of project ${identity.project.name} from ${state.at.pgdata}/${identity.dataDir}: ${path}`;
    return { path, says, content: identity.project };
  }
  const content: ProjectRecord = {
    id,
    name: id,
    pgVersion: state.pgVersion,
    createdAt: state.now,
    updatedAt: state.now,
    historyRetentionSeconds: 86_400,
    defaultEndpointSettings,
    settings: {},
  };
  return { path, says: `Write a new record for project ${id}, named by its id: ${path}`, content };
}

/** A record that comes back must not take what others have got since. */
function fitting({ branch, endpoints }: BranchFile, { branches }: FoundRecords): BranchFile {
  const others = branches.filter((other) => other.branch.id !== branch.id);
  const ofProject = others.filter((other) => other.branch.projectId === branch.projectId);
  const isTaken = (name: string) => ofProject.some((other) => other.branch.name === name);
  let { name } = branch;
  for (let n = 1; isTaken(name); n += 1) name = `${branch.name.slice(0, 240)}-recovered-${n}`;
  const held = others.flatMap((other) => other.endpoints);
  return {
    branch: {
      ...branch,
      name,
      default: branch.default && !ofProject.some((other) => other.branch.default),
    },
    endpoints: endpoints.filter(
      ({ id, port }) => !held.some((h) => h.id === id || h.port === port),
    ),
  };
}

function orphanMadeRoot({ path }: Damage, _: HomeState, { branches }: FoundRecords) {
  const orphan = branches.find(({ branch }) => path.endsWith(`/${branch.parentId}.json`));
  if (!orphan) return undefined;
  const { parentId, ...branch } = orphan.branch;
  const own = path.replace(`${parentId}.json`, `${branch.id}.json`);
  return {
    path: own,
    says: `Make ${branch.name} a root branch: nothing is left of the one that it was made from: ${own}`,
    content: { branch, endpoints: orphan.endpoints },
  };
}

function withoutData({ path }: Damage, state: HomeState, found: FoundRecords): Repair | undefined {
  // Rather a volume that is not mounted than that everything is lost.
  if (!state.directories.some(({ isCluster }) => isCluster)) return undefined;
  const holder = holderOf(path, found);
  if (!holder) return undefined;
  const record = state.at.record(holder.projectId, holder.id);
  return (
    restored(record, state, found) ?? {
      path: record,
      says: `Set aside the record of ${holder.name}, whose data is gone: ${record}`,
    }
  );
}

/** Postgres' version file has nothing but the number, which the project's record has, too. */
function versionOf({ path, says }: Damage, { directories }: HomeState, found: FoundRecords) {
  const directory = directories.find((known) => path === `${known.path}/PG_VERSION`);
  const holder = directory && holderOf(directory.path, found);
  const project = found.projects.find(({ id }) => id === holder?.projectId);
  // Another version than the project's is no damage that can be written over.
  if (!directory || !project || (directory.version ?? 0) > 9) return undefined;
  const text = `${project.pgVersion}\n`;
  return { path, says: `Write the version of Postgres again: ${path} ${says}`, text };
}

function withVersion(directories: readonly FoundData[], { path, text }: Repair): FoundData[] {
  return directories.map((known) =>
    path === `${known.path}/PG_VERSION` ? { ...known, version: Number(text) } : known,
  );
}

const unshared = ({ path, says }: Damage): Repair => ({
  path,
  says: `Set aside ${path}: it ${says}`,
});

function withDefault({ path }: Damage, state: HomeState, { branches }: FoundRecords): Repair {
  const project = path.split("/").at(-2);
  const own = branches.filter(({ branch }) => branch.projectId === project);
  const byAge = own.sort((a, b) => a.branch.createdAt.localeCompare(b.branch.createdAt));
  const extra = own.filter(({ branch }) => branch.default)[1];
  const oldest = extra ?? byAge.find(({ branch }) => !branch.parentId) ?? byAge[0];
  if (!oldest) {
    return { path, says: `Set aside the record of a project of which no branch is left: ${path}` };
  }
  const { branch, endpoints } = oldest;
  const record = state.at.record(branch.projectId, branch.id);
  return {
    path: record,
    says: extra
      ? `Make ${branch.name} an ordinary branch, as its project has another default branch: ${record}`
      : `Make ${branch.name} the default branch of its project: ${record}`,
    content: { branch: { ...branch, default: !extra }, endpoints },
  };
}

function holderOf(path: string, { branches, snapshots }: FoundRecords) {
  const holders: (BranchRecord | SnapshotRecord)[] = [
    ...branches.map(({ branch }) => branch),
    ...snapshots,
  ];
  return holders.find(({ dataDir }) => path.endsWith(`/${dataDir}`));
}

/** What data directories say of themselves, where no step has given them up. */
function identities({ directories, notes }: HomeState): Identity[] {
  return directories.flatMap(({ name, isCluster, identity }) =>
    isCluster &&
    identity?.dataDir === name &&
    !notes.dropped.has(name) &&
    !notes.unfinished.has(name)
      ? identity
      : [],
  );
}

function sameContent(path: string, content: object, { files }: HomeState): boolean {
  const { version: _, ...now } = (files.find((file) => file.path === path)?.content ?? {}) as {
    version?: number;
  };
  return JSON.stringify(now) === JSON.stringify(content);
}

function after(files: readonly RecordFile[], { path, content }: Repair): RecordFile[] {
  const [project = "", name = ""] = path.split("/").slice(-2);
  const others = files.filter((file) => file.path !== path);
  if (!content) return others;
  return [...others, { path, project, name, content: { version: recordVersion, ...content } }];
}

/** A record that is restored and then changed is written once. */
function lastOfEach(repairs: readonly Repair[]): Repair[] {
  return repairs.filter(
    ({ path }, at) => !repairs.slice(at + 1).some((next) => next.path === path),
  );
}
