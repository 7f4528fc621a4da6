/** SQLSTATEs under the names that PostgreSQL gives them: https://www.postgresql.org/docs/18/errcodes-appendix.html */
export const sqlState = {
  activeSqlTransaction: "25001",
  readOnlySqlTransaction: "25006",
  invalidTransactionTermination: "2D000",
  notNullViolation: "23502",
  foreignKeyViolation: "23503",
  uniqueViolation: "23505",
  checkViolation: "23514",
  exclusionViolation: "23P01",
  invalidSchemaName: "3F000",
  deadlockDetected: "40P01",
  insufficientPrivilege: "42501",
  syntaxError: "42601",
  duplicateColumn: "42701",
  undefinedColumn: "42703",
  duplicateObject: "42710",
  duplicateFunction: "42723",
  undefinedTable: "42P01",
  duplicateSchema: "42P06",
  duplicateTable: "42P07",
  lockNotAvailable: "55P03",
  unsafeNewEnumValueUsage: "55P04",
  queryCanceled: "57014",
} as const;

/** The first two characters say what kind it is. */
export const sqlStateClass = { warning: "01" } as const;

/** Of anything that was thrown: the server's code, or the system's; undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}
