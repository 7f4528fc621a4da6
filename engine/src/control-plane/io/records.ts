import { notFound } from "../../lib/engine-error.ts";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../../model/records.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import { touched } from "../branch-records.ts";

/** Looks up what a request names, or refuses with 404; and changes one branch's record. */
export class Records {
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  project(projectId: string): ProjectRecord {
    const project = this.#catalog.projects.get(projectId);
    if (!project) throw notFound("project");
    return project;
  }

  branch(projectId: string, branchId: string): BranchRecord {
    this.project(projectId);
    const branch = this.#catalog.branches.get(branchId);
    if (!branch || branch.projectId !== projectId) throw notFound("branch");
    return branch;
  }

  /** By its id alone, for the engine's own work. */
  anyBranch(branchId: string): BranchRecord {
    const branch = this.#catalog.branches.get(branchId);
    if (!branch) throw notFound("branch");
    return branch;
  }

  defaultBranch(projectId: string): BranchRecord {
    const branch = this.#catalog.branchesOf(projectId).find((candidate) => candidate.default);
    if (!branch) throw notFound("default branch");
    return branch;
  }

  endpoint(projectId: string, endpointId: string): EndpointRecord {
    this.project(projectId);
    const endpoint = this.#catalog.endpoints.get(endpointId);
    if (!endpoint || endpoint.projectId !== projectId) throw notFound("endpoint");
    return endpoint;
  }

  descendsFrom(branch: BranchRecord, ancestor: BranchRecord): boolean {
    for (let at: BranchRecord | undefined = branch; at; ) {
      if (at.id === ancestor.id) return true;
      at = at.parentId ? this.#catalog.branches.get(at.parentId) : undefined;
    }
    return false;
  }

  /** One step of the catalog, by a client's wish. */
  async changeBranch(
    projectId: string,
    branchId: string,
    change: (branch: BranchRecord) => BranchRecord,
  ): Promise<BranchRecord> {
    await this.#catalog.commit(() => {
      const changed = touched(change(this.branch(projectId, branchId)));
      return { branches: [this.#catalog.withEndpoints(changed)] };
    });
    return this.branch(projectId, branchId);
  }

  /** One step of the catalog, for what the engine finds out by itself; the branch may be gone by now. */
  async changeBranchIfThere(
    branchId: string,
    change: (branch: BranchRecord) => BranchRecord,
  ): Promise<void> {
    await this.#catalog.commit(() => {
      const branch = this.#catalog.branches.get(branchId);
      return { branches: branch ? [this.#catalog.withEndpoints(change(branch))] : [] };
    });
  }
}
