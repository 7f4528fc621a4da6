import type { BranchFile } from "../model/branch-file.ts";
import type {
  BranchRecord,
  EndpointRecord,
  ProjectRecord,
  SnapshotRecord,
} from "../model/records.ts";
import type { Change, DroppedData } from "./catalog-change.ts";

/** What exists, by id. */
export class CatalogRecords {
  readonly projects = new Map<string, ProjectRecord>();
  readonly branches = new Map<string, BranchRecord>();
  readonly endpoints = new Map<string, EndpointRecord>();
  readonly snapshots = new Map<string, SnapshotRecord>();

  /** The branch with its endpoints, changed as given; for `Change.branches`. */
  withEndpoints(branch: BranchRecord, endpoints = this.endpointsOf(branch.id)): BranchFile {
    return { branch, endpoints };
  }

  endpointsOf(branchId: string): EndpointRecord[] {
    return [...this.endpoints.values()].filter((endpoint) => endpoint.branchId === branchId);
  }

  branchesOf(projectId: string): BranchRecord[] {
    return [...this.branches.values()].filter((branch) => branch.projectId === projectId);
  }

  snapshotsOf(projectId: string): SnapshotRecord[] {
    return [...this.snapshots.values()].filter((snapshot) => snapshot.projectId === projectId);
  }

  childrenOf(branchId: string): BranchRecord[] {
    return [...this.branches.values()].filter((branch) => branch.parentId === branchId);
  }

  /** The data directories that nothing refers to any more after the change. */
  protected droppedBy(change: Change): DroppedData[] {
    const changed = [
      ...(change.branches ?? []).map(({ branch }) => branch),
      ...(change.snapshots ?? []),
    ];
    const touched = [
      ...changed,
      ...(change.removedBranches ?? []),
      ...(change.removedSnapshots ?? []),
    ];
    const ids = new Set(touched.map(({ id }) => id));
    const before = [...ids].flatMap((id) => this.branches.get(id) ?? this.snapshots.get(id) ?? []);
    const given = before.filter(
      ({ dataDir }) => !changed.some((record) => record.dataDir === dataDir),
    );
    if (given.length === 0) return [];
    const others = [...this.branches.values(), ...this.snapshots.values()];
    const kept = new Set(others.filter(({ id }) => !ids.has(id)).map(({ dataDir }) => dataDir));
    return given
      .filter(({ dataDir }) => !kept.has(dataDir))
      .map((record) => ({ dataDir: record.dataDir, record }));
  }

  protected apply(change: Change): void {
    for (const project of change.projects ?? []) this.projects.set(project.id, project);
    for (const { branch, endpoints } of change.branches ?? []) {
      this.branches.set(branch.id, branch);
      for (const old of this.endpointsOf(branch.id)) this.endpoints.delete(old.id);
      for (const endpoint of endpoints) this.endpoints.set(endpoint.id, endpoint);
    }
    for (const branch of change.removedBranches ?? []) {
      for (const old of this.endpointsOf(branch.id)) this.endpoints.delete(old.id);
      this.branches.delete(branch.id);
    }
    for (const snapshot of change.snapshots ?? []) this.snapshots.set(snapshot.id, snapshot);
    for (const snapshot of change.removedSnapshots ?? []) this.snapshots.delete(snapshot.id);
    for (const project of change.removedProjects ?? []) this.projects.delete(project.id);
  }
}
