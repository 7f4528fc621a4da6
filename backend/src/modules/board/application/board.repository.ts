import type { Board } from "../domain/board.ts";

export interface BoardRepository {
  list(organizationId: string, includeArchived: boolean): Promise<Board[]>;
  find(organizationId: string, boardId: number): Promise<Board | undefined>;
}
