import { Failure } from "../../../shared/errors.ts";

export interface Board {
  id: number;
  organizationId: string;
  name: string;
  archivedAt: Date | null;
  createdAt: Date;
}

/** @throws Failure when the board is archived: its items can be read but none is added */
export function assertOpen(board: Board): void {
  if (board.archivedAt === null) return;
  throw new Failure("conflict", `Board "${board.name}" is archived.`);
}
