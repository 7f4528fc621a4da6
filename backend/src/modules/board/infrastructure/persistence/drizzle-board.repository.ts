import { and, asc, eq, isNull } from "drizzle-orm";
import type { Database } from "../../../../shared/database.ts";
import type { BoardRepository } from "../../application/board.repository.ts";
import type { Board } from "../../domain/board.ts";
import { boards } from "./board.sql-entity.ts";

export class DrizzleBoardRepository implements BoardRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(organizationId: string, includeArchived: boolean): Promise<Board[]> {
    const ofOrganization = eq(boards.organizationId, organizationId);
    return this.#select()
      .where(includeArchived ? ofOrganization : and(ofOrganization, isNull(boards.archivedAt)))
      .orderBy(asc(boards.name));
  }

  async find(organizationId: string, boardId: number): Promise<Board | undefined> {
    const [found] = await this.#select().where(
      and(eq(boards.organizationId, organizationId), eq(boards.id, boardId)),
    );
    return found;
  }

  #select() {
    const { id, organizationId, name, archivedAt, createdAt } = boards;
    return this.#database.select({ id, organizationId, name, archivedAt, createdAt }).from(boards);
  }
}
