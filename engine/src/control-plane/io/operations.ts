import { randomUUID } from "node:crypto";
import type { OperationRecord } from "../../model/records.ts";
import type { Catalog } from "../../storage/io/catalog.ts";

/** What was done, for clients that wait for operations. The work is over when they are added. */
export class Operations {
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  async add(
    what: Pick<OperationRecord, "projectId" | "branchId" | "endpointId" | "action">,
    began: string,
  ): Promise<OperationRecord> {
    const now = new Date().toISOString();
    const operation: OperationRecord = {
      id: randomUUID(),
      ...what,
      status: "finished",
      createdAt: began,
      updatedAt: now,
      totalDurationMs: Date.parse(now) - Date.parse(began),
    };
    await this.#catalog.record(operation);
    return operation;
  }

  /** Newest first. */
  of(projectId: string): OperationRecord[] {
    return this.#catalog.operations.filter((o) => o.projectId === projectId).reverse();
  }
}
