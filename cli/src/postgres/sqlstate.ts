/**
 * SQLSTATEs by the names that PostgreSQL gives them (appendix A of its manual, PostgreSQL 18). A message is
 * in the server's language; its code is not.
 */
export const sqlState = {
  featureNotSupported: "0A000",
  divisionByZero: "22012",
  notNullViolation: "23502",
  foreignKeyViolation: "23503",
  uniqueViolation: "23505",
  checkViolation: "23514",
  exclusionViolation: "23P01",
  activeSqlTransaction: "25001",
  readOnlySqlTransaction: "25006",
  noActiveSqlTransaction: "25P01",
  invalidAuthorizationSpecification: "28000",
  invalidPassword: "28P01",
  invalidTransactionTermination: "2D000",
  invalidCatalogName: "3D000",
  invalidSchemaName: "3F000",
  serializationFailure: "40001",
  deadlockDetected: "40P01",
  insufficientPrivilege: "42501",
  syntaxError: "42601",
  duplicateColumn: "42701",
  undefinedColumn: "42703",
  undefinedObject: "42704",
  duplicateObject: "42710",
  duplicateFunction: "42723",
  undefinedTable: "42P01",
  duplicateSchema: "42P06",
  duplicateTable: "42P07",
  lockNotAvailable: "55P03",
  unsafeNewEnumValueUsage: "55P04",
  queryCanceled: "57014",
  idleSessionTimeout: "57P05",
} as const;

/** What codes begin with that have something in common. */
const sqlClass = {
  warning: "01",
  dataException: "22",
  integrityConstraintViolation: "23",
  externalRoutineException: "38",
  externalRoutineInvocationException: "39",
  /** Within class 57: the server goes down, or drops the session. */
  sessionEnded: "57P",
  plpgsqlError: "P0",
} as const;

export type SqlClass = keyof typeof sqlClass;

export const isOfClass = (code: string, ...classes: readonly SqlClass[]): boolean =>
  classes.some((name) => code.startsWith(sqlClass[name]));
