import { Failure } from "../../../shared/errors.ts";
import type { OrganizationService } from "../../organization/application/organization.service.ts";
import type { Board } from "../domain/board.ts";
import type { BoardRepository } from "./board.repository.ts";

export class BoardService {
  readonly #boards: BoardRepository;
  readonly #organizations: Pick<OrganizationService, "get">;

  constructor(boards: BoardRepository, organizations: Pick<OrganizationService, "get">) {
    this.#boards = boards;
    this.#organizations = organizations;
  }

  async list(organizationId: string, includeArchived: boolean): Promise<Board[]> {
    await this.#organizations.get(organizationId);
    return this.#boards.list(organizationId, includeArchived);
  }

  async get(organizationId: string, boardId: number): Promise<Board> {
    const board = await this.#boards.find(organizationId, boardId);
    if (!board) throw new Failure("not_found", `${organizationId} has no board ${boardId}.`);
    return board;
  }
}
