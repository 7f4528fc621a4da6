import type { Node, RangeVar } from "libpg-query";
import { relationName } from "../../sql/parsed-statement.ts";
import type { LockCatalogue } from "./catalogue.ts";
import { type RowChange, tiedByForeignKeys } from "./foreign-keys.ts";
import {
  type LockMode,
  locksOn,
  type StatementPlan,
  type TableEffect,
  type TableLock,
} from "./modes.ts";

/**
 * Statements on rows, and queries within other statements: the tables that they read and change, in
 * their WITH queries too. Partitions and views are locked as what they belong to; which partitions a
 * condition leaves out is not known, so all are named.
 */
export function planRows(
  tree: Node | Node[],
  catalogue: LockCatalogue,
  /** Without, as for CREATE VIEW: what is named is locked, and nothing behind it. */
  runs = true,
): Pick<StatementPlan, "locks" | "effects"> {
  const walk = new Walk(catalogue, runs);
  walk.visit(tree, new Set(), "none");
  return walk;
}

/** The tables of a FROM that FOR UPDATE or its kin is for, by their names in the query. */
type Locked = "all" | "none" | ReadonlySet<string>;

type Tree = Record<string, unknown>;

/** Through these FOR UPDATE goes on. */
const partsOfFrom = new Set(["SelectStmt", "subquery", "JoinExpr", "larg", "rarg"]);

class Walk {
  readonly locks: TableLock[] = [];
  readonly effects: TableEffect[] = [];
  readonly #catalogue: LockCatalogue;
  readonly #runs: boolean;

  constructor(catalogue: LockCatalogue, runs: boolean) {
    this.#catalogue = catalogue;
    this.#runs = runs;
  }

  /** @param queries names of WITH queries, which hide the tables of the same name */
  visit(value: unknown, queries: ReadonlySet<string>, locked: Locked): void {
    if (Array.isArray(value)) for (const item of value) this.visit(item, queries, locked);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const tree = value as Tree;
    const visible = this.#with(tree.withClause as Tree | undefined, queries);
    for (const [key, child] of Object.entries(tree)) {
      if (key === "withClause" || key === "lockingClause") continue;
      if (key === "RangeVar") this.#read(child as RangeVar, visible, locked);
      else if (key === "RangeSubselect") this.visit(child, visible, insideOf(child, locked));
      else if (key === "fromClause") this.visit(child, visible, lockedIn(tree, locked));
      else if (partsOfFrom.has(key)) this.visit(child, visible, locked);
      else {
        this.#write(key, child as Tree);
        this.visit(child, visible, "none");
      }
    }
  }

  /** A WITH query sees those before it, and with RECURSIVE itself and those after it. */
  #with(clause: Tree | undefined, outer: ReadonlySet<string>): ReadonlySet<string> {
    if (clause === undefined) return outer;
    const queries = (clause.ctes as { CommonTableExpr: Tree }[]).map((cte) => cte.CommonTableExpr);
    const names = queries.map(({ ctename }) => String(ctename));
    for (const [index, query] of queries.entries()) {
      const seen = clause.recursive ? names : names.slice(0, index);
      this.visit(query.ctequery, new Set([...outer, ...seen]), "none");
    }
    return new Set([...outer, ...names]);
  }

  #read(relation: RangeVar, queries: ReadonlySet<string>, locked: Locked): void {
    const { alias, relname = "", schemaname } = relation;
    if (schemaname === undefined && queries.has(relname)) return;
    const forUpdate = isLocked(alias?.aliasname ?? relname, locked);
    this.#lock(relation, forUpdate ? "ROW SHARE" : "ACCESS SHARE");
  }

  #write(kind: string, statement: Tree): void {
    const changes = changesOf(kind, statement);
    const relation = statement?.relation as RangeVar | undefined;
    if (changes.length === 0 || relation === undefined) return;
    this.#lock(relation, "ROW EXCLUSIVE");
    const table = relationName(relation);
    const everyRow = (kind === "UpdateStmt" || kind === "DeleteStmt") && !statement.whereClause;
    if (everyRow) this.effects.push({ kind: "scan", table, reason: "it has no WHERE: every row" });
    if (!this.#runs) return;
    const targets = [table, ...this.#catalogue.behindView(table)];
    for (const target of targets) {
      // New rows of a partition are checked against its bounds, which its parent knows.
      const wholes = changes.some((change) => change.kind !== "delete");
      if (wholes) this.locks.push(...locksOn(this.#catalogue.wholes(target), "ACCESS SHARE"));
      this.locks.push(...tiedByForeignKeys(target, changes, this.#catalogue));
    }
  }

  #lock(relation: RangeVar, mode: LockMode): void {
    const table = relationName(relation);
    const catalogue = this.#catalogue;
    const push = (name: string, as: LockMode) => this.locks.push({ table: name, mode: as });
    const children = this.#runs && relation.inh ? catalogue.family(table) : [table];
    for (const name of children) push(name, mode);
    if (!this.#runs) return;
    const behind = catalogue.behindView(table);
    // Through a view of one table its rows can be changed; of several they are read.
    const through = mode === "ROW EXCLUSIVE" && behind.length > 1 ? "ACCESS SHARE" : mode;
    for (const name of behind.flatMap((one) => catalogue.family(one))) push(name, through);
  }
}

/** Which of its tables a SELECT locks, by itself or for the query that it is part of. */
function lockedIn({ lockingClause }: Tree, outer: Locked): Locked {
  if (outer === "all") return "all";
  if (lockingClause === undefined) return "none";
  const clauses = (lockingClause as { LockingClause: { lockedRels?: Node[] } }[]).map(
    ({ LockingClause }) => LockingClause.lockedRels,
  );
  if (clauses.some((tables) => tables === undefined)) return "all";
  const names = clauses.flatMap((tables = []) =>
    tables.flatMap((table) => ("RangeVar" in table ? (table.RangeVar.relname ?? []) : [])),
  );
  return new Set(names);
}

function insideOf(subselect: unknown, locked: Locked): Locked {
  const { alias } = subselect as { alias?: { aliasname?: string } };
  return isLocked(alias?.aliasname ?? "", locked) ? "all" : "none";
}

function isLocked(name: string, locked: Locked): boolean {
  return locked === "all" || (locked !== "none" && locked.has(name));
}

function changesOf(kind: string, statement: Tree): RowChange[] {
  switch (kind) {
    case "InsertStmt": {
      const conflict = statement.onConflictClause as Tree | undefined;
      const update = conflict?.action === "ONCONFLICT_UPDATE" ? updateOf(conflict) : [];
      return [{ kind: "insert" }, ...update];
    }
    case "UpdateStmt":
      return updateOf(statement);
    case "DeleteStmt":
      return [{ kind: "delete" }];
    case "CopyStmt":
      return statement.is_from ? [{ kind: "insert" }] : [];
    case "MergeStmt": {
      const clauses = (statement.mergeWhenClauses ?? []) as { MergeWhenClause: Tree }[];
      const changes = clauses.flatMap(({ MergeWhenClause: clause }): RowChange[] => {
        if (clause.commandType === "CMD_UPDATE") return updateOf(clause);
        if (clause.commandType === "CMD_INSERT") return [{ kind: "insert" }];
        return clause.commandType === "CMD_DELETE" ? [{ kind: "delete" }] : [];
      });
      // With nothing but DO NOTHING its table is locked all the same.
      return changes.length > 0 ? changes : [{ kind: "update", columns: [] }];
    }
    default:
      return [];
  }
}

function updateOf({ targetList = [] }: Tree): RowChange[] {
  const columns = (targetList as Node[]).flatMap((target) =>
    "ResTarget" in target ? (target.ResTarget.name ?? []) : [],
  );
  return [{ kind: "update", columns }];
}
