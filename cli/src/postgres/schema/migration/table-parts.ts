import { type Column, parseColumn } from "../columns.ts";
import { inParentheses, leadingIdentifier } from "../scan.ts";
import type { Entry } from "./entries.ts";

/** What CREATE TABLE says, in parts. */
export interface TableParts {
  columns: Map<string, Column>;
  /** By their names: what stands behind CONSTRAINT and the name. */
  constraints: Map<string, string>;
  isUnlogged: boolean;
  /** PARTITION BY, INHERITS, WITH, TABLESPACE. */
  after: string;
  /** Further statements: storage, statistics, replica identity, forced row security. */
  others: string[];
  settings: string[];
}

const isCreation = (statement: string) => /^CREATE (?:UNLOGGED |FOREIGN )?TABLE /.test(statement);

const known = new WeakMap<Entry, TableParts | undefined>();

export function tableParts(entry: Entry): TableParts | undefined {
  if (!known.has(entry)) known.set(entry, parsed(entry));
  return known.get(entry);
}

function parsed(entry: Entry): TableParts | undefined {
  const creation = entry.statements.find(isCreation);
  const list = creation === undefined ? undefined : inParentheses(creation);
  if (creation === undefined || list === undefined) return undefined;
  const constraints = new Map<string, string>();
  const columns = new Map<string, Column>();
  for (const element of list.elements) {
    if (element.startsWith("CONSTRAINT ")) {
      const { name, rest } = leadingIdentifier(element.slice("CONSTRAINT ".length));
      constraints.set(name, rest);
    } else {
      const column = parseColumn(element);
      columns.set(column.name, column);
    }
  }
  return {
    columns,
    constraints,
    isUnlogged: creation.startsWith("CREATE UNLOGGED "),
    after: list.after,
    others: entry.statements.filter((each) => !isCreation(each) && !each.startsWith("SET ")),
    settings: entry.statements.filter((each) => each.startsWith("SET ")),
  };
}

/** What has to happen to a table that both sides have. */
export interface TableChange {
  /** As the dump writes it. */
  table: string;
  droppedColumns: Column[];
  addedColumns: Column[];
  /** Type or collation. */
  retyped: { before: Column; after: Column; isSwapped: boolean }[];
  /** Generated ones whose expression is another: the values are computed anew. */
  regenerated: Column[];
  defaults: { column: string; value: string | undefined }[];
  nullable: { column: string; isNotNull: boolean; name: string | undefined }[];
  droppedConstraints: string[];
  addedConstraints: { name: string; definition: string }[];
  /** Statements as they are. */
  more: string[];
  remarks: string[];
  /** Why it cannot be expressed. */
  refusals: string[];
}

export const isEmptyChange = (change: TableChange): boolean =>
  [
    ...[change.droppedColumns, change.addedColumns, change.retyped, change.regenerated],
    ...[change.defaults, change.nullable, change.droppedConstraints, change.addedConstraints],
    change.more,
  ].every((list) => list.length === 0);
