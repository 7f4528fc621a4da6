import { DsError } from "../../errors/ds-error.ts";
import { isRowSecurity, tableOfRowSecurity } from "../../postgres/row-security.ts";
import { isOfClass, sqlState } from "../../postgres/sqlstate.ts";

interface ServerError extends Error {
  code?: string;
  constraint?: string;
  routine?: string;
}

/**
 * Where the server's sentence may have a value in it: data that does not fit, and what functions say. Of
 * violated constraints (class 23) only the details have, and those are never shown.
 */
const quotesValues = (code: string) =>
  isOfClass(
    code,
    "dataException",
    "externalRoutineException",
    "externalRoutineInvocationException",
    "plpgsqlError",
  );

/** The server's sentence, or its code where a value of production may stand in the sentence. */
export const saidOf = ({ code = "", message }: Pick<ServerError, "code" | "message">): string =>
  quotesValues(code)
    ? `SQLSTATE ${code}; what the server says may have a value in it, and is left out`
    : message;

/** A standby ends what is in the way of its replay. */
const cancelledByServer: readonly string[] = [
  sqlState.serializationFailure,
  sqlState.idleSessionTimeout,
  sqlState.queryCanceled,
];

/** Production's own values held. */
export const maskedConstraintHint =
  "Is a column of it masked by a rule that does not keep its values unique, or valid?";

/** A failed COPY as a sentence. */
export function copyFailure(error: unknown, table: string): unknown {
  if (error instanceof DsError) return error;
  const { code = "", constraint } = error as ServerError;
  const details = { table, ...(code ? { sqlState: code } : {}) };
  if (isOfClass(code, "dataException")) {
    return new DsError(
      "SQL_FAILED",
      `${table}: a value does not fit its column as the rules say (SQLSTATE ${code})`,
      {
        reason: "VALUE_MISFIT",
        hint: "Look at the table's casts and masks: ds db refresh-staging --plan",
        details,
      },
    );
  }
  if (isOfClass(code, "integrityConstraintViolation")) {
    return new DsError(
      "SQL_FAILED",
      `${table}: a copied row violates ${constraint ?? "a constraint"} (SQLSTATE ${code})`,
      {
        reason: "CONSTRAINT_VIOLATED",
        hint: maskedConstraintHint,
        details: { ...details, ...(constraint ? { constraint } : {}) },
      },
    );
  }
  return serverFailure(error, `copying ${table}`);
}

/** Whatever else a server says; `what` begins the sentence. */
export function serverFailure(error: unknown, what: string): unknown {
  if (error instanceof DsError) return error;
  const server = error as ServerError;
  const { code = "", message } = server;
  if (isRowSecurity(server)) {
    const table = tableOfRowSecurity(server);
    return new DsError(
      "REFUSED",
      `${table ?? what}: row-level security hides rows from the role that reads the source, so the copy would not be whole`,
      {
        reason: "ROW_SECURITY",
        hint: "Read it as the table's owner (without FORCE ROW LEVEL SECURITY), or as a role with BYPASSRLS.",
        details: { ...(table === undefined ? {} : { table }), sqlState: code },
      },
    );
  }
  if (cancelledByServer.includes(code)) {
    return new DsError("UPSTREAM", `${what}: the server cancelled it (${message})`, {
      reason: "CANCELLED_BY_SERVER",
      hint: "On a standby, raise max_standby_streaming_delay, or set hot_standby_feedback = on; then run it again.",
      details: { sqlState: code },
    });
  }
  if (code === sqlState.insufficientPrivilege) {
    return new DsError("REFUSED", `${what}: the role may not do that (${message})`, {
      reason: "PERMISSION_DENIED",
      details: { sqlState: code },
    });
  }
  if (!code && !(error instanceof Error)) return error;
  return new DsError("UPSTREAM", `${what} failed: ${saidOf({ code, message })}`, {
    details: code ? { sqlState: code } : {},
    cause: error,
  });
}
