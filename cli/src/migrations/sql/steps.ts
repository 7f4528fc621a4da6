import type { Node } from "libpg-query";
import { type BatchedUpdate, batchedUpdate, wantsBatches } from "./batches.ts";
import type { NonTransactional } from "./parsed-statement.ts";
import {
  addsEnumValue,
  discardsAll,
  nonTransactionalIfAsked,
  nonTransactionalKind,
  setsSession,
  wantsNoTransaction,
} from "./parsed-statement.ts";
import { type Part, splitPieces } from "./pieces.ts";
import type { Statement } from "./split-statements.ts";
import { mayCommit, setsModes, transactionControl } from "./transaction-control.ts";

/** A part of a migration that is committed as one. */
export interface Step {
  /** Offset of `text` in the migration's text, in UTF-16 units. */
  start: number;
  /** The file's text from its first statement to that of the next step. */
  text: string;
  /** What is sent, one message after another: without breakpoints and what controls the transaction. */
  parts: Part[];
  /** How many of the statements that are sent come before it. */
  before: number;
  statements: number;
  /** How its transaction begins: `begin isolation level serializable`. */
  begin: string;
  /** How it is run: in a transaction, or (one statement) outside of any. */
  alone: NonTransactional | undefined;
  /** Its one statement is carried out in batches before. */
  batches: BatchedUpdate | undefined;
  /** SETs of earlier steps, which have to be in force: a step may be run by another session than they were. */
  settings: string;
}

/** A statement, and what Postgres' parser has read; without that it is the server's to judge. */
export type ReadStatement = Statement & { node?: Node | undefined };

/** A statement that no cutting of the file gives its meaning. */
export interface ControlProblem {
  statement: Statement;
  reason: /** ROLLBACK, PREPARE TRANSACTION: what is before it would not be applied. */
    | "UNDOES"
    /** The savepoint is of a transaction that is committed by then. */
    | "SAVEPOINT_GONE"
    /** The transaction has begun already, without these modes. */
    | "MODES_LATE"
    /** COMMIT AND CHAIN where no transaction is open. */
    | "NOTHING_TO_CHAIN"
    /** It is to be done in batches, and might change a row twice then. */
    | "NO_BATCHES";
}

export interface Cut {
  steps: Step[];
  problems: ControlProblem[];
  /** Those that are sent, in their order. */
  sent: ReadStatement[];
}

/** Statements that are committed together. */
interface Group {
  statements: ReadStatement[];
  begin: string;
  alone?: NonTransactional;
  batches?: BatchedUpdate;
}

/**
 * Cuts a migration as Drizzle's session would see it: in a transaction until the file's own COMMIT, piece by piece
 * from there to its own BEGIN; a pair around everything changes nothing. Besides around what cannot be run in a
 * transaction, and behind new values of enums, as these cannot be used before they are committed.
 */
export function cutSteps(sql: string, statements: readonly ReadStatement[]): Cut {
  const separate = wantsNoTransaction(sql);
  const groups: Group[] = [];
  const problems: ControlProblem[] = [];
  const savepoints = new Set<string>();
  let inBlock = !separate;
  let begin = "begin";
  let current: ReadStatement[] = [];
  const close = () => {
    if (current.length > 0) groups.push({ statements: current, begin });
    current = [];
    savepoints.clear();
  };

  for (const [index, statement] of statements.entries()) {
    const last = current.at(-1);
    // Outside of a block what is sent at once is a transaction, if a statement is not one by itself.
    if (!inBlock && last && (separate || last.piece !== statement.piece)) close();
    const control = transactionControl(sql, statement);
    const problem = (reason: ControlProblem["reason"]) => problems.push({ statement, reason });
    switch (control?.kind) {
      case "begin":
        inBlock = true;
        if (control.modes === "") continue;
        if (current.length > 0) problem("MODES_LATE");
        begin = `begin ${control.modes}`;
        continue;
      case "commit":
        close();
        inBlock = false;
        begin = "begin";
        continue;
      case "commit-and-chain":
        if (!inBlock) problem("NOTHING_TO_CHAIN");
        close();
        continue;
      case "undo":
        problem("UNDOES");
        continue;
      case "savepoint":
        savepoints.add(control.name);
        break;
      case "to-savepoint":
        if (!savepoints.has(control.name)) problem("SAVEPOINT_GONE");
    }
    if (wantsBatches(sql.slice(statements[index - 1]?.end ?? 0, statement.start))) {
      const batches = batchedUpdate(statement.node, textOf(sql, statement));
      if (batches === undefined) problem("NO_BATCHES");
      close();
      groups.push({ statements: [statement], begin, ...(batches && { batches }) });
      continue;
    }
    const alone = aloneKind(sql, statement, separate, separate || !inBlock);
    if (alone !== undefined || isBehindEnumValue(last, statement)) close();
    if (alone === undefined) current.push(statement);
    else groups.push({ statements: [statement], begin, alone });
  }
  close();
  // A file of comments is applied, too.
  if (groups.length === 0) groups.push({ statements: [], begin });
  return { ...stepsOfGroups(sql, statements, groups), problems };
}

function isBehindEnumValue(last: ReadStatement | undefined, { node }: ReadStatement): boolean {
  return last?.node !== undefined && addsEnumValue(last.node) && !(node && addsEnumValue(node));
}

/** @param asked no transaction is around it: by the file's header, or its own COMMIT */
function aloneKind(
  sql: string,
  statement: ReadStatement,
  separate: boolean,
  asked: boolean,
): NonTransactional | undefined {
  const { node } = statement;
  const kind = node && nonTransactionalKind(node);
  if (kind !== undefined || !asked) return kind;
  if (mayCommit(sql, statement)) return { kind: "opaque" };
  return node && (separate || !("DoStmt" in node)) ? nonTransactionalIfAsked(node) : undefined;
}

function stepsOfGroups(
  sql: string,
  statements: readonly ReadStatement[],
  groups: readonly Group[],
): Pick<Cut, "steps" | "sent"> {
  const sent = groups.flatMap((group) => group.statements);
  const extents = extentsOf(sql, statements);
  let before = 0;
  const steps = groups.map((group, at): Step => {
    // What stands before the first statement belongs to it, what stands behind the last one too.
    const start = at === 0 ? 0 : startOf(group);
    const next = groups[at + 1];
    const settings = settingsIn(sent.slice(0, before))
      .map((statement) => `${textOf(sql, statement)};`)
      .join("\n");
    const step = {
      start,
      text: sql.slice(start, next === undefined ? sql.length : startOf(next)),
      parts: partsOf(sql, group.statements, extents),
      before,
      statements: group.statements.length,
      begin: [group.begin, ...leadingModes(sql, group)].join("; "),
      alone: group.alone,
      batches: group.batches,
      settings,
    };
    before += group.statements.length;
    return step;
  });
  return { steps, sent };
}

/** DISCARD ALL ends those before it. */
function settingsIn(statements: readonly ReadStatement[]): ReadStatement[] {
  const from = statements.findLastIndex(({ node }) => node !== undefined && discardsAll(node)) + 1;
  return statements.slice(from).filter(({ node }) => node !== undefined && setsSession(node));
}

const startOf = ({ statements: [first] }: Group): number => first?.start ?? 0;
const textOf = (sql: string, { start, end }: Statement): string => sql.slice(start, end);

/** Behind a query of ours it would be too late for them. */
function leadingModes(sql: string, { statements }: Group): string[] {
  const end = statements.findIndex((statement) => !setsModes(textOf(sql, statement)));
  return statements.slice(0, end === -1 ? undefined : end).map((each) => textOf(sql, each));
}

/** With each statement the blanks and comments around it. */
function extentsOf(sql: string, statements: readonly Statement[]): Map<Statement, Part> {
  const { pieces } = splitPieces(sql);
  return new Map(
    statements.map((statement, index) => {
      const [previous, next] = [statements[index - 1], statements[index + 1]];
      const piece = pieces[statement.piece] as Part;
      const start = previous?.piece === statement.piece ? statement.start : piece.start;
      const end = next?.piece === statement.piece ? next.start : piece.start + piece.text.length;
      return [statement, { start, text: sql.slice(start, end) }];
    }),
  );
}

/** What lies side by side in one piece is sent together. */
function partsOf(
  sql: string,
  statements: readonly Statement[],
  extents: ReadonlyMap<Statement, Part>,
): Part[] {
  const parts: (Part & { piece: number })[] = [];
  for (const statement of statements) {
    const { start, text } = extents.get(statement) as Part;
    const last = parts.at(-1);
    if (last?.piece === statement.piece && last.start + last.text.length === start) {
      last.text = sql.slice(last.start, start + text.length);
    } else parts.push({ start, text, piece: statement.piece });
  }
  return parts.map((part) => ({ start: part.start, text: part.text }));
}
