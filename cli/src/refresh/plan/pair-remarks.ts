import type { Decision } from "../model/decision.ts";
import { shownColumn, shownName } from "../model/names.ts";
import { idBeside } from "../model/pairs.ts";
import { isTaken } from "../model/plan.ts";
import { type Links, partOfReference } from "../rules/links.ts";
import type { Classified } from "../rules/ownership.ts";

/** A kind and an id look like a reference to rows of several tables, and nothing says to which. */
export interface PairUndeclared {
  table: string;
  code: "PAIR_UNDECLARED";
  /** The column of the kind. */
  column: string;
  id: string;
  /** Of the ids; null where they stay. */
  mask: string | null;
}

/** Whose rows such ids mean nobody has said: they may be another organization's, and do not come along. */
export function pairRemarks(
  tables: readonly Classified[],
  { links, typed }: Pick<Links, "links" | "typed">,
  decisions: ReadonlyMap<string, Decision>,
): PairUndeclared[] {
  const isDeclared = (table: unknown, column: string) =>
    typed.some((each) => each.table === table && each.column === column);
  return tables
    .filter((each) => isTaken(each.class))
    .flatMap(({ table }) =>
      table.columns.flatMap(({ name }): PairUndeclared[] => {
        const id = idBeside(table, name);
        if (id === undefined || isDeclared(table, name)) return [];
        if (partOfReference(links, table, id).some(({ child }) => child === table)) return [];
        const decision = decisions.get(shownColumn(table, id));
        if (decision === undefined || decision.unmasked === "unclassified") return [];
        const mask = decision.mask?.mask ?? null;
        // Nothing is left of these that could refer to anything.
        if (mask === "null" || mask === "constant") return [];
        return [{ table: shownName(table), code: "PAIR_UNDECLARED", column: name, id, mask }];
      }),
    );
}
