/** What is known of a database's tables before their columns are masked. */

interface ColumnFacts {
  name: string;
  /** As Postgres writes it, with its modifier. */
  type: string;
  /** Of the type itself, or of what its domain is made of. */
  isBuiltIn: boolean;
  notNull: boolean;
  generated: boolean;
  /** `generated always as identity` */
  alwaysIdentity: boolean;
}

export interface TableFacts {
  oid: number;
  schema: string;
  name: string;
  /** As in pg_class. */
  kind: string;
  owner: string;
  ownerIsSuperuser: boolean;
  columns: ColumnFacts[];
  /** Names of triggers, and rules, that not even `session_replication_role` stops at an update. */
  alwaysFiring: string[];
  /** Columns of unique constraints that are checked late, by triggers. */
  deferrableColumns: string[];
  /** Other tables inherit from it, and are no partitions: their rows would be seen as its own. */
  hasHeirs: boolean;
}

/** A foreign key; `columns` refer to `targetColumns`, in this order. */
export interface ForeignKey {
  name: string;
  schema: string;
  table: string;
  columns: string[];
  targetSchema: string;
  targetTable: string;
  targetColumns: string[];
  /** Of a partition, because its table has it. */
  inherited: boolean;
}

export interface DatabaseFacts {
  tables: TableFacts[];
  foreignKeys: ForeignKey[];
  /** Of the database's owner. */
  owner: string;
  ownerIsSuperuser: boolean;
  preparedTransactions: number;
}

export const tableKey = (schema: string, name: string): string => JSON.stringify([schema, name]);
