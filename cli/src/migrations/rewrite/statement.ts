import type { AlterTableCmd, AlterTableStmt, Node } from "libpg-query";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { tokenAt } from "../../postgres/sql-token.ts";
import type { Action } from "../findings/actions/action.ts";
import { bareName } from "../findings/actions/names.ts";
import type { SchemaModel, TableModel } from "../findings/model/schema-model.ts";
import type { LockCatalogue } from "../plan/locks/catalogue.ts";
import { relationName } from "../sql/parsed-statement.ts";

/** A statement that is to be written anew, and what was there before it. */
export interface Original {
  /** Its own text, without what ends it. */
  text: string;
  /** Parsed from that text alone, so that its places count from the statement's beginning. */
  node: Node;
  action: Action;
  schema: SchemaModel;
  catalogue: LockCatalogue;
  /** Columns, with table and schema, that something hangs on which another column would not have. */
  bound: ReadonlySet<string>;
}

export interface Rewritten {
  /** Statements in its place, without what ends them; between transactions `endTransaction`. */
  statements: string[];
  /** What they do, in a few words. */
  says: string;
  /** The last of them holds a lock that everybody waits for: what follows is not to be done under it. */
  holds?: true;
  /** What is for later deployments to do. */
  later?: Later[];
}

/** A migration of a later deployment. */
export interface Later {
  /** For its file's name: `drop`. */
  name: string;
  /** When it can be run. */
  when: string;
  statements: string[];
}

/** Why a statement stays as it is. */
export interface Left {
  because: string;
}

export const left = (because: string): Left => ({ because });

export const isLeft = (result: Rewritten | Left): result is Left => "because" in result;

/** Ends a transaction and begins the next, for ds's migrator a step. Drizzle's goes on in a transaction, too. */
export const endTransaction = "COMMIT AND CHAIN";

/** The one change of an ALTER TABLE, and its table. */
export interface Change {
  command: AlterTableCmd;
  table: TableModel;
  /** As the statement names it. */
  name: string;
}

export function onlyChange({ catalogue, node, schema }: Original): Change | Left {
  const statement: AlterTableStmt | undefined =
    "AlterTableStmt" in node ? node.AlterTableStmt : undefined;
  const { cmds = [], missing_ok: maybe, relation } = statement ?? {};
  const [first, ...more] = cmds;
  if (relation === undefined || first === undefined || !("AlterTableCmd" in first))
    return left("there is no safe way for this statement");
  if (more.length > 0) return left("the statement changes several things: write one for each");
  if (maybe) return left("IF EXISTS leaves open what there is to change");
  const name = relationName(relation);
  const table = schema.table(name);
  const kind = catalogue.find(table?.name ?? name)?.kind;
  if (table === undefined || kind === "f" || relation.inh === false)
    return left("it is not known to be an ordinary table");
  return { command: first.AlterTableCmd, table, name };
}

export const isPartitioned = ({ catalogue }: Original, table: TableModel): boolean =>
  catalogue.find(table.name)?.kind === "p";

/** The words and symbols of a text outside of parentheses. */
export function* topTokens(text: string): Generator<{ word: string; start: number; end: number }> {
  let depth = 0;
  for (let start = 0; start < text.length; ) {
    const { end, kind } = tokenAt(text, start);
    const word = text.slice(start, end);
    if (word === ")") depth -= 1;
    if (depth === 0 && kind !== "space" && kind !== "comment") {
      yield { word: kind === "word" ? word.toLowerCase() : word, start, end };
    }
    if (word === "(") depth += 1;
    start = end;
  }
}

/** The text with something behind its first such word. */
export function insertBehind(text: string, word: string, inserted: string): string {
  for (const token of topTokens(text)) {
    if (token.word === word)
      return `${text.slice(0, token.end)} ${inserted}${text.slice(token.end)}`;
  }
  return text;
}

/** A name that nothing of the table has, of 63 bytes at most. */
export function freshName(table: TableModel, wanted: string): string {
  const taken = new Set([
    ...table.columns.keys(),
    ...table.constraints.map(({ name }) => name),
    ...table.indexes.map(({ name }) => name),
  ]);
  for (let count = 1; ; count += 1) {
    const end = count === 1 ? "" : `_${count}`;
    let short = wanted;
    while (Buffer.byteLength(short + end) > 63) short = [...short].slice(0, -1).join("");
    if (!taken.has(short + end)) return short + end;
  }
}

export const quoted = quoteIdentifier;

export const bareTable = ({ name }: TableModel): string => bareName(name);
