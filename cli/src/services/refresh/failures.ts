import { DsError } from "../../errors.ts";

interface ServerError extends Error {
  code?: string;
  constraint?: string;
  table?: string;
  schema?: string;
}

/**
 * A failed COPY as a sentence. What the servers say of values (class 22, and the details of class 23) is
 * left out: a value of production may stand in it.
 */
export function copyFailure(error: unknown, table: string): unknown {
  if (error instanceof DsError) return error;
  const { code = "", constraint } = error as ServerError;
  const details = { table, ...(code ? { sqlState: code } : {}) };
  if (code.startsWith("22")) {
    return new DsError(
      "SQL_FAILED",
      `${table}: a value does not fit its column as the rules say (SQLSTATE ${code})`,
      { hint: "Look at the table's casts and masks: ds db refresh-staging --plan", details },
    );
  }
  if (code.startsWith("23")) {
    return new DsError(
      "SQL_FAILED",
      `${table}: a copied row violates ${constraint ?? "a constraint"} (SQLSTATE ${code})`,
      {
        hint: "Is a column of that constraint masked by a rule that does not keep it unique, or valid?",
        details: { ...details, ...(constraint ? { constraint } : {}) },
      },
    );
  }
  return serverFailure(error, `copying ${table}`);
}

/** Whatever else a server says; `what` begins the sentence. */
export function serverFailure(error: unknown, what: string): unknown {
  if (error instanceof DsError) return error;
  const { code = "", message } = error as ServerError;
  const [, filtered] = /row-level security policy for table "(.+)"/.exec(message) ?? [];
  if (code === "42501" && filtered !== undefined) {
    return new DsError(
      "REFUSED",
      `${filtered}: row-level security hides rows from the role that reads the source, so the copy would not be whole`,
      {
        hint: "Read it as the table's owner (without FORCE ROW LEVEL SECURITY), or as a role with BYPASSRLS.",
        details: { table: filtered, sqlState: code },
      },
    );
  }
  if (code === "40001" || code === "57P05" || code === "57014") {
    return new DsError("UPSTREAM", `${what}: the server cancelled it (${message})`, {
      hint: "On a standby, raise max_standby_streaming_delay, or set hot_standby_feedback = on; then run it again.",
      details: { sqlState: code },
    });
  }
  if (code === "42501") {
    return new DsError("REFUSED", `${what}: the role may not do that (${message})`, {
      details: { sqlState: code },
    });
  }
  if (!code && !(error instanceof Error)) return error;
  return new DsError("UPSTREAM", `${what} failed: ${message}`, {
    details: code ? { sqlState: code } : {},
    cause: error,
  });
}
