import type { Json } from "./json.ts";

interface Late {
  project: string;
  branch: string | undefined;
  /** Of performance.now(). */
  begins: number;
  ends: number;
}

/**
 * Operations that the engine has done already, and that the cloud would still be working on: one after the other, and
 * while one is under way the project takes no other change.
 */
export class LateOperations {
  readonly #byId = new Map<string, Late>();
  readonly #othersUntil = new Map<string, number>();

  add(operations: readonly Json[], duration: () => number): void {
    let begins = performance.now();
    for (const { id, project_id, branch_id } of operations) {
      const ends = begins + duration();
      const branch = branch_id === undefined ? undefined : String(branch_id);
      this.#byId.set(String(id), { project: String(project_id), branch, begins, ends });
      begins = ends;
    }
  }

  /** Somebody else works on the project. */
  occupy(project: string, ms: number): void {
    this.#othersUntil.set(project, performance.now() + ms);
  }

  isBusy(project: string): boolean {
    const now = performance.now();
    if ((this.#othersUntil.get(project) ?? 0) > now) return true;
    return [...this.#byId.values()].some((late) => late.project === project && late.ends > now);
  }

  isBranchBusy(branch: string): boolean {
    const now = performance.now();
    return [...this.#byId.values()].some((late) => late.branch === branch && late.ends > now);
  }

  /** As it would be in the cloud by now. */
  status(operation: Json): string {
    const late = this.#byId.get(String(operation.id));
    const now = performance.now();
    if (late === undefined || late.ends <= now) return String(operation.status);
    return late.begins > now ? "scheduling" : "running";
  }
}
