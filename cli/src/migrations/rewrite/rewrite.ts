import { placeOf } from "../../postgres/sql-place.ts";
import { actionsOf } from "../findings/actions/of-statement.ts";
import type { Finding } from "../findings/finding.ts";
import type { SchemaModel } from "../findings/model/schema-model.ts";
import type { Migration } from "../folder/migration.ts";
import type { ParsedMigration } from "../folder/parsed-migration.ts";
import type { LockCatalogue } from "../plan/locks/catalogue.ts";
import { batchedUpdate } from "../sql/batches.ts";
import { cutMigration, readStatements } from "../sql/parse.ts";
import { breakpoint } from "../sql/pieces.ts";
import { columnInBatches, updateInBatches } from "./columns.ts";
import { notNullByCheck, notValidFirst, uniqueByIndex, validateApart } from "./constraints.ts";
import { columnBeside, typeBeside, viewOfOldName } from "./expand.ts";
import { buildConcurrently, dropConcurrently } from "./indexes.ts";
import type { Deployment, LeftAlone, Rewrite } from "./report.ts";
import {
  endTransaction,
  isLeft,
  type Later,
  type Left,
  left,
  type Original,
  type Rewritten,
} from "./statement.ts";
import { whyNotCut } from "./whole-file.ts";

/** A migration's text anew. */
export interface RewrittenMigration {
  migration: Migration;
  /** The whole file. */
  sql: string;
}

/** What is to be written, what is for later, and what stays as it is. */
export interface Rewriting {
  files: RewrittenMigration[];
  rewrites: Rewrite[];
  deployments: Deployment[];
  left: LeftAlone[];
}

export interface RewriteOptions {
  /** Of the database before anything is run; it follows the statements. */
  schema: SchemaModel;
  catalogue: LockCatalogue;
  /** What the rules find in the migrations. */
  findings: readonly Finding[];
  /** Also what is only a note, as its table is small. */
  small: boolean;
  /** Tables whose triggers an UPDATE would set off, with their schema. */
  triggers: ReadonlySet<string>;
  /** Columns, with table and schema, that something hangs on which another column would not have. */
  bound: ReadonlySet<string>;
  /** Why a migration must not be touched. */
  untouchable(migration: Migration): string | undefined;
}

type Way = (original: Original) => Rewritten | Left;

/** By the rule that finds it. */
const ways: Readonly<Record<string, Way>> = {
  "index-blocks-writes": buildConcurrently,
  "drop-index-blocks": dropConcurrently,
  "foreign-key-blocks-writes": notValidFirst,
  "check-blocks": notValidFirst,
  "unique-blocks": uniqueByIndex,
  "not-null-blocks": notNullByCheck,
  "validate-in-same-transaction": validateApart,
  "column-rewrites": columnInBatches,
  "type-rewrites": typeBeside,
  "rename-column": columnBeside,
  "rename-table": viewOfOldName,
  "backfill-with-change": inBatches,
  "big-update": inBatches,
};

/** Rules that a rewrite has an answer to, where its statement allows it. */
export const rewritable: ReadonlySet<string> = new Set(Object.keys(ways));

/** Those that change rows by UPDATE, which triggers see. */
const filling = new Set(["column-rewrites", "type-rewrites", "rename-column"]);

/** Writes pending migrations anew, the safe way. Nothing else of a file is changed by a byte. */
export async function rewriteMigrations(
  migrations: readonly ParsedMigration[],
  options: RewriteOptions,
): Promise<Rewriting> {
  const rewriting: Rewriting = { files: [], rewrites: [], deployments: [], left: [] };
  for (const migration of migrations) await rewriteMigration(migration, options, rewriting);
  return rewriting;
}

async function rewriteMigration(
  parsed: ParsedMigration,
  options: RewriteOptions,
  rewriting: Rewriting,
): Promise<void> {
  const { migration, sql, statements } = parsed;
  const because = options.untouchable(migration) ?? whyNotCut(parsed);
  let after = "";
  let copied = 0;
  for (const [index, { end, node, start }] of statements.entries()) {
    const text = sql.slice(start, end);
    const { line } = placeOf(sql, start);
    const found = options.findings.filter(
      (one) => one.migration === migration.name && one.line === line,
    );
    const asked = found.filter((one) => isAsked(one, options));
    const place = { migration: migration.name, file: migration.file, line };
    const actions = actionsOf(node, text);
    for (const { rule } of asked) {
      const [action] = actions;
      const alone = (await readStatements(text))[0]?.node;
      if (action === undefined || alone === undefined) continue;
      const original = { text, node: alone, action, ...options };
      const result =
        because === undefined ? rewrite(rule, original, found, options) : left(because);
      if (isLeft(result)) {
        rewriting.left.push({ ...place, rule, because: result.because });
        continue;
      }
      const apart = result.holds && index < statements.length - 1 ? [endTransaction] : [];
      after += sql.slice(copied, start) + joined([...result.statements, ...apart], sql);
      copied = end;
      rewriting.rewrites.push({ ...place, rule, says: result.says });
      rewriting.deployments.push(...deployments(migration, result.later ?? [], rewriting));
      break;
    }
    for (const action of actions) options.schema.apply(action);
  }
  if (copied === 0) return;
  after += sql.slice(copied);
  await verify(migration, after);
  const mark = migration.sql.startsWith("\ufeff") ? "\ufeff" : "";
  rewriting.files.push({ migration, sql: mark + after });
}

const isAsked = ({ ignored, rule, severity }: Finding, { small }: RewriteOptions): boolean =>
  rewritable.has(rule) && ignored === undefined && (small || severity !== "note");

function rewrite(
  rule: string,
  original: Original,
  found: readonly Finding[],
  { triggers }: RewriteOptions,
): Rewritten | Left {
  const error = found.find(
    ({ ignored, severity }) => severity === "error" && ignored === undefined,
  );
  if (error !== undefined) return left(`it has an error that comes first: ${error.rule}`);
  const { action, schema } = original;
  const table = "table" in action && action.table ? schema.qualified(action.table) : undefined;
  if (filling.has(rule) && table !== undefined && triggers.has(table))
    return left("the table has triggers, which would see its rows being filled");
  return ways[rule]?.(original) ?? left("there is no safe way for this statement");
}

function inBatches(original: Original): Rewritten | Left {
  return batchedUpdate(original.node, original.text) === undefined
    ? left(
        "only an UPDATE whose condition it ends itself (SET a = … WHERE a IS NULL) can be done in batches",
      )
    : updateInBatches(original);
}

/** In the way of the file: with Drizzle's breakpoints or without, and with its line ends. */
function joined(statements: readonly string[], sql: string): string {
  const mark = sql.includes(breakpoint) ? breakpoint : "";
  const text = statements.join(`;${mark}\n`);
  return sql.includes("\r\n") ? text.replaceAll(/\r?\n/g, "\r\n") : text;
}

function deployments(
  { name }: Migration,
  later: readonly Later[],
  { deployments: before }: Rewriting,
): Deployment[] {
  const own = before.filter(({ migration }) => migration === name).length;
  return later.map(({ name: what, statements, when }, index) => ({
    migration: name,
    name: `${name}.${own + index + 1}-${what}`,
    when,
    sql: statements.map((statement) => `${statement};\n`).join(`${breakpoint}\n`),
  }));
}

/** Nothing is written that the migrator would not take. */
async function verify({ file }: Migration, sql: string): Promise<void> {
  const { problems, unread } = await cutMigration(sql);
  const statements = await readStatements(sql);
  if (problems.length > 0 || unread.length > 0 || statements.some(({ node }) => node === undefined))
    throw new Error(`what was to be written into ${file} is not what Postgres reads`);
}
