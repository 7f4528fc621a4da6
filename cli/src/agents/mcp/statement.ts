import type { Node } from "libpg-query";
import { DsError } from "../../errors/ds-error.ts";
import { calledFunctions, destruction } from "../../migrations/sql/destructive.ts";
import type { Access } from "./access.ts";

interface Read {
  node?: Node | undefined;
}

/**
 * What the statement may destroy; undefined where it destroys nothing. Refuses what cannot work in a call of its own, and
 * on a branch that may only be read all but queries. One that the parser does not know may destroy.
 */
export function checkStatement(statements: readonly Read[], access: Access): string | undefined {
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) {
    throw new DsError(
      "USAGE",
      statement ? `${statements.length} statements were given` : "there is no statement",
      { reason: "NOT_ONE_STATEMENT", hint: "Give one statement a call." },
    );
  }
  const { node } = statement;
  if (node !== undefined) refuseUnfit(node);
  if (access === "read-only") {
    if (node === undefined || !isQuery(node)) throw notQuery("only queries can be run on it");
    const unsafe = calledFunctions(node).find((name) => reachesOut.test(name));
    if (unsafe) throw notQuery(`${unsafe}() acts on more than this session`);
    return undefined;
  }
  return node === undefined ? "is not known to the parser" : destruction(node);
}

function refuseUnfit(node: Node): void {
  if ("TransactionStmt" in node) {
    throw new DsError("USAGE", "a transaction cannot go on in the next call", {
      reason: "TRANSACTION_PER_CALL",
      hint: "Each call is one transaction. To do several things in one: a single statement with WITH, or a DO block.",
    });
  }
  if ("CopyStmt" in node && node.CopyStmt.filename === undefined) {
    throw new DsError("USAGE", "COPY needs a client that sends or takes the data", {
      reason: "COPY_FROM_STDIN",
      hint: "Use INSERT or SELECT, or psql: ds db connect",
    });
  }
}

const isQuery = (node: Node): boolean =>
  "SelectStmt" in node || "ExplainStmt" in node || "VariableShowStmt" in node;

/** Functions that a read-only transaction lets through, though they act on others, or run a text as SQL. */
const reachesOut =
  /^(pg_(cancel|terminate)_backend|pg_(try_)?advisory_.*|pg_notify|pg_logical_.*|pg_replication_.*|pg_(create|drop|copy)_.*|pg_(reload_conf|rotate_logfile|switch_wal|promote|log_.*)|lo_.*|lowrite|dblink.*|(query|cursor|table|schema|database)_to_xml.*|ts_stat|ts_rewrite|crosstab.*|connectby)$/;

const notQuery = (why: string) =>
  new DsError("REFUSED", `this branch may only be read: ${why}`, {
    reason: "NOT_A_QUERY",
    hint: "Change this checkout's own branch instead, or one that the tool branch has made.",
  });
