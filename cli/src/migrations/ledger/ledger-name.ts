/** Where the ledger is; Drizzle's default is `drizzle.__drizzle_migrations`. */
export interface LedgerName {
  schema: string;
  table: string;
}
