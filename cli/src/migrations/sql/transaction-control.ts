import { type Statement, splitStatements } from "./split-statements.ts";

/** What a statement does to the transaction that it is run in. */
export type TransactionControl =
  /** `modes`: ISOLATION LEVEL and its kin, as they are written. */
  | { kind: "begin"; modes: string }
  | { kind: "commit" }
  | { kind: "commit-and-chain" }
  /** A savepoint of this name is made, or needed. */
  | { kind: "savepoint"; name: string }
  | { kind: "to-savepoint"; name: string }
  /** What was done before would be undone, or outlive the session unfinished. */
  | { kind: "undo" };

const begin = /^(?:begin(?:\s+(?:work|transaction))?|start\s+transaction)\b\s*/i;
const modes =
  /^(?:(?:isolation\s+level\s+(?:serializable|repeatable\s+read|read\s+(?:un)?committed)|read\s+(?:only|write)|(?:not\s+)?deferrable)(?:\s*,\s*(?=\S)|\s+|$))*$/i;
const commit = /^(?:commit|end)(?:\s+(?:work|transaction))?(?:\s+and(?:\s+no)?\s+chain)?$/i;

/** Undefined for a statement that leaves the transaction as it is, and for what the server will not accept. */
export function transactionControl(
  sql: string,
  { end, start, words: [first, second, third] }: Statement,
): TransactionControl | undefined {
  const isFirst = (...candidates: string[]) => candidates.includes(first ?? "");
  if (isFirst("begin", "start")) {
    const text = plain(sql.slice(start, end));
    const wanted = text.replace(begin, "");
    return begin.test(text) && modes.test(wanted) ? { kind: "begin", modes: wanted } : undefined;
  }
  if (isFirst("commit", "end")) {
    const text = plain(sql.slice(start, end));
    if (second === "prepared") return { kind: "undo" };
    if (!commit.test(text)) return undefined;
    return { kind: /\band\s+chain$/i.test(text) ? "commit-and-chain" : "commit" };
  }
  if (isFirst("savepoint", "release") || (isFirst("rollback") && [second, third].includes("to"))) {
    const kind = isFirst("savepoint") ? "savepoint" : "to-savepoint";
    return { kind, name: lastName(plain(sql.slice(start, end))) };
  }
  if (isFirst("rollback", "abort") || (isFirst("prepare") && second === "transaction")) {
    return { kind: "undo" };
  }
  return undefined;
}

/** The statements that are sent: without those that begin and end transactions, which ds does itself. */
export function sentStatements(sql: string): Statement[] {
  return splitStatements(sql).filter((statement) => {
    const control = transactionControl(sql, statement);
    return control === undefined || control.kind.endsWith("savepoint");
  });
}

/** SET TRANSACTION, which has to be the first in its transaction. */
export function setsModes(statement: string): boolean {
  const wanted = plain(statement).replace(/^set\s+transaction\s+/i, "");
  return wanted !== plain(statement) && modes.test(wanted);
}

/** A procedure or block that may commit by itself, as it can outside of a transaction. */
export function mayCommit(sql: string, { end, start, words: [first] }: Statement): boolean {
  if (first === "call") return true;
  return first === "do" && /\b(?:commit|rollback|call|execute)\b/i.test(sql.slice(start, end));
}

const plain = (statement: string): string =>
  statement.replace(/--[^\n\r]*|\/\*[\s\S]*?\*\//g, " ").trim();

/** Names fold to lower case unless they are quoted. */
function lastName(statement: string): string {
  const [name = ""] = /"(?:[^"]|"")*"$|[^\s"]+$/.exec(statement) ?? [];
  return name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase();
}
