import { randomUUID } from "node:crypto";
import type { OperationRecord } from "../../model/records.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import { endedOperation } from "../ended-operation.ts";

type What = Pick<OperationRecord, "projectId" | "branchId" | "endpointId" | "action">;

/** What is being done and was done, for clients that wait for operations. */
export class Operations {
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** Work that is over. */
  async add(what: What, began: string): Promise<OperationRecord> {
    return this.end(newOperation(what, began));
  }

  /** Work that goes on after the answer; `end` or `fail` has to be called for it. */
  async begin(operation: OperationRecord): Promise<OperationRecord> {
    await this.#catalog.record(operation);
    return operation;
  }

  async end(operation: OperationRecord): Promise<OperationRecord> {
    const ended = endedOperation(operation, { status: "finished" });
    await this.#catalog.record(ended);
    return ended;
  }

  /**
   * Work that has failed, with what takes it back. It is written down before, as a start takes what is not pending any
   * more for finished; and told after, when nothing is left of it.
   */
  async fail(
    operations: readonly OperationRecord[],
    error: string,
    undo: () => Promise<void>,
  ): Promise<void> {
    const failed = operations.map((each) => endedOperation(each, { status: "failed", error }));
    for (const operation of failed) await this.#catalog.note(operation);
    await undo();
    for (const operation of failed) this.#catalog.show(operation);
  }

  /** Newest first. */
  of(projectId: string): OperationRecord[] {
    return this.#catalog.operations.filter((o) => o.projectId === projectId).reverse();
  }
}

/** Not told of yet. */
export const newOperation = (what: What, began: string): OperationRecord => ({
  id: randomUUID(),
  ...what,
  status: "running",
  createdAt: began,
  updatedAt: began,
  totalDurationMs: 0,
});
