import { quoteIdentifier, quoteLiteral } from "../../postgres/quote.ts";
import { sqlName } from "../model/names.ts";

/** What loading takes off a table, and the statements that take it off and bring it back. */

export interface TableState {
  schema: string;
  name: string;
  partitioned: boolean;
  partition: boolean;
  rowSecurity: boolean;
  forcedRowSecurity: boolean;
  replicaIdentity: string;
  triggers: { name: string; enabled: "O" | "D" | "R" | "A" }[];
  primaryKey: string[];
  columns: Record<string, { type: string; notNull: boolean }>;
  /** Only compared: nothing is done to them. */
  constraints: unknown[];
  statistics: string[];
}

export interface IndexState {
  schema: string;
  table: string;
  name: string;
  definition: string;
  comment: string | null;
  valid: boolean;
  clustered: boolean;
  replicaIdentity: boolean;
  /** Whether it goes for the time of the load: of a table of its own, and of no constraint. */
  droppable: boolean;
}

export interface ForeignKeyState {
  schema: string;
  table: string;
  name: string;
  /** Without NOT VALID. */
  definition: string;
  validated: boolean;
  /** The referring table is partitioned: its constraint can only be added whole. */
  partitioned: boolean;
  comment: string | null;
}

/** Everything about tables that loading takes off, or might: read before and compared after. */
export interface LoadState {
  tables: TableState[];
  indexes: IndexState[];
  foreignKeys: ForeignKeyState[];
}

const tableOf = ({ schema, table }: { schema: string; table: string }) =>
  sqlName({ schema, name: table });

/** In this order, in one transaction, before anything is loaded. */
export function dropForLoadSql({ tables, indexes, foreignKeys }: LoadState): string[] {
  const dropped = indexes.filter(({ droppable }) => droppable);
  return [
    ...foreignKeys.map(
      (key) => `alter table ${tableOf(key)} drop constraint ${quoteIdentifier(key.name)}`,
    ),
    ...dropped.map((index) => `drop index ${sqlName(index)}`),
    ...tables
      .filter(({ triggers }) => triggers.length > 0)
      .map((table) => `alter table only ${sqlName(table)} disable trigger user`),
    ...tables
      .filter(({ rowSecurity }) => rowSecurity)
      .map((table) => `alter table only ${sqlName(table)} disable row level security`),
    ...tables
      .filter(({ forcedRowSecurity }) => forcedRowSecurity)
      .map((table) => `alter table only ${sqlName(table)} no force row level security`),
    ...emptySql(tables),
  ];
}

/** The rows of partitions go with those of the tables that they belong to. */
function emptySql(tables: readonly TableState[]): string[] {
  const names = tables.filter(({ partition }) => !partition).map(sqlName);
  return names.length === 0 ? [] : [`truncate ${names.join(", ")}`];
}

export function indexSql(index: IndexState): string[] {
  return [
    index.definition,
    ...(index.comment === null
      ? []
      : [`comment on index ${sqlName(index)} is ${quoteLiteral(index.comment)}`]),
  ];
}

/** One that was never validated stays so; a partitioned table's is checked as it is added. */
export function addForeignKeySql(key: ForeignKeyState): string {
  const whole = key.partitioned && key.validated;
  return `alter table ${tableOf(key)} add constraint ${quoteIdentifier(key.name)} ${key.definition}${whole ? "" : " not valid"}`;
}

export const validateSql = (key: ForeignKeyState): string =>
  `alter table ${tableOf(key)} validate constraint ${quoteIdentifier(key.name)}`;

export const isValidatedLater = (key: ForeignKeyState): boolean =>
  key.validated && !key.partitioned;

/** Comments, triggers and row security: the last statements, partitioned tables before their partitions. */
export function restoreAfterLoadSql({ tables, foreignKeys }: LoadState): string[] {
  return [
    ...foreignKeys.flatMap((key) =>
      key.comment === null
        ? []
        : [
            `comment on constraint ${quoteIdentifier(key.name)} on ${tableOf(key)} is ${quoteLiteral(key.comment)}`,
          ],
    ),
    ...tables.flatMap((table) =>
      table.triggers
        .filter(({ enabled }) => enabled !== "D")
        .map(
          ({ name, enabled }) =>
            `alter table only ${sqlName(table)} enable ${triggerKinds[enabled]} ${quoteIdentifier(name)}`,
        ),
    ),
    ...tables
      .filter(({ rowSecurity }) => rowSecurity)
      .map((table) => `alter table only ${sqlName(table)} enable row level security`),
    ...tables
      .filter(({ forcedRowSecurity }) => forcedRowSecurity)
      .map((table) => `alter table only ${sqlName(table)} force row level security`),
  ];
}

const triggerKinds: Record<string, string> = {
  O: "trigger",
  R: "replica trigger",
  A: "always trigger",
};
